"""What class-validator and Nest's OpenAPI plugin ask of the fields of a body, as their documentation says."""

from pathlib import Path

from tests.sources.reading import app, one

MAIN = """import { Controller, Post, Body, Module } from "@nestjs/common";
import { ApiProperty } from "@nestjs/swagger";
export enum Size { Small = "small", Large = "large" }
const KINDS = ["trial", "paid"];
export class Address { @IsString() street: string; @IsOptional() @IsString() city?: string; }
export class Booking {
  @ApiProperty({ description: "whose" }) @IsEmail() owner: string;
  @IsString() @MinLength(3) @MaxLength(40) title: string;
  @ApiProperty({ example: 2 }) @IsInt() @Min(1) @Max(9) seats: number;
  @IsEnum(["day", "night"]) shift: string;
  @IsEnum(Size) size: Size;
  @IsIn(KINDS) kind: string;
  tone: "soft" | "loud";
  @Matches(/^[A-Z]{2}$/) country: string;
  @ApiProperty({ enum: ["low", "high"], required: false }) urgency: string;
  @IsString() @IsOptional() note?: string;
  @ValidateNested() @Type(() => Address) address: Address;
}
@Controller("bookings")
export class Bookings { @Post() add(@Body() given: Booking) { return {}; } }
@Module({ controllers: [Bookings] })
export class AppModule {}
"""


def test_every_decorator_of_a_field_counts(tmp_path: Path) -> None:
    found = {
        given.name: given for given in one(app(tmp_path, {"main.ts": MAIN}, "@nestjs/core"), "POST /bookings").inputs
    }
    assert {name for name, given in found.items() if not given.required} == {"urgency", "note", "address.city"}
    assert (found["owner"].type, found["seats"].type) == ("email", "integer")
    assert (found["title"].least, found["title"].most) == (3, 40)
    assert (found["seats"].least, found["seats"].most) == (1, 9)
    assert found["country"].pattern == "^[A-Z]{2}$"
    choices = {name: given.choices for name, given in found.items() if given.choices}
    assert choices == {
        "shift": ("day", "night"),
        "size": ("small", "large"),
        "kind": ("trial", "paid"),
        "tone": ("soft", "loud"),
        "urgency": ("low", "high"),
    }
    assert "address.street" in found
