"""Settings of Opsboard."""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
DATABASE = os.getenv("OPSBOARD_DATABASE", str(ROOT / "data" / "opsboard.db"))
LOG_FILE = ROOT / "logs" / "app.log"
UPLOADS = ROOT / "data" / "uploads"
#> unsafe OB-20
SECRET_KEY = "@@SESSION@@"
#> guarded
SECRET_KEY = os.environ["SECRET_KEY"]
#> end
STRIPE_WEBHOOK_SECRET = os.getenv("STRIPE_WEBHOOK_SECRET", "")
POSTMARK_TOKEN = os.getenv("POSTMARK_TOKEN", "")
#> unsafe OB-73
SENDGRID_API_KEY = "@@SENDGRID@@"
#> guarded
SENDGRID_API_KEY = os.environ["SENDGRID_API_KEY"]
#> end
GIT_COMMIT = os.getenv("GIT_COMMIT", "")
ROLES = ("member", "manager", "admin")
