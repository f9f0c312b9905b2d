"""JSON logs, one line per event."""

import json
import logging
import time

#> guarded
import re

#> end
from app.config import LOG_FILE

#> guarded
PRIVATE = re.compile(r"password|token|secret|authorization|cookie|email", re.I)


#> end
class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {"time": round(time.time(), 3), "level": record.levelname, "event": record.getMessage()}
        for name, value in getattr(record, "fields", {}).items():
#> unsafe OB-80 OB-81
            fields[name] = value
#> guarded
            fields[name] = "[hidden]" if PRIVATE.search(name) else value
#> end
        return json.dumps(fields, default=str)


def setup() -> logging.Logger:
    LOG_FILE.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(LOG_FILE)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("opsboard")
    log.setLevel(logging.INFO)
    log.handlers = [handler]
    return log


log = setup()


def event(name: str, **fields: object) -> None:
    log.info(name, extra={"fields": fields})
