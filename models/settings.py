"""The only place that knows the environment: it reads the settings, and tells a library the one thing that it asks
there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# openpyxl writes and reads by lxml wherever that is installed, which the forms in Word need: other bytes, and another
# parser than defusedxml. It looks once, when it is imported, and everything that imports it comes after the settings.
os.environ["OPENPYXL_LXML"] = "False"


_CHANNEL_SETTINGS = (
    *(f"wechat_{name}" for name in ("secret", "api", "window_hours", "quota", "template")),
    *(f"telegram_{name}" for name in ("token", "secret", "api", "programme")),
    *(f"kefu_{name}" for name in ("corp_id", "secret", "token", "aes_key", "account", "api", "programme")),
    *("sms_sender", "quiet_from", "quiet_until"),
)
_OFFICE_SETTINGS = (
    *(f"smtp_{name}" for name in ("host", "port", "security", "user", "password", "from")),
    *("link_hours", "lease_minutes", "undo_seconds", "export_alone", "export_hours"),
)


class Settings(BaseModel):
    """Frozen settings. `data` holds everything the embedded default keeps: database, files, keys, sockets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path
    port: int = 8000
    host: str = "127.0.0.1"
    database_url: str = ""  # empty: SQLite in the data folder
    redis_url: str = ""  # empty: embedded Valkey on a unix socket
    storage_url: str = ""  # e.g. s3://bucket/prefix; empty: files in the data folder
    storage_endpoint: str = ""  # of an S3 store that is not Amazon's, e.g. https://minio.example:9000
    storage_region: str = ""  # this and the next two, empty: AWS_* variables or the machine's own role
    storage_key_id: str = ""
    storage_secret: str = Field(default="", repr=False)
    public_url: str = ""  # empty: http://host:port
    demo: bool = False  # demo accounts and an open demo round: `make run` only
    demo_people: int = 12  # invented applications of a demo, so that staff find something to review; 0: none
    secret_key: str = ""  # empty: taken from, or generated into, the data folder
    key_ring: str = ""  # "id:base64,…", first encrypts; empty: taken from, or generated into, the data folder
    today: date | None = None  # a fixed day, to replay a notice's own dates; None: the clock
    log_level: str = "INFO"
    wechat_token: str = Field(default="", repr=False)  # of an official account (公众号); empty: none
    wechat_app_id: str = ""
    wechat_aes_keys: tuple[str, ...] = Field(default=(), repr=False)  # EncodingAESKey: current, then the previous one
    wechat_mode: Literal["", "plain", "compatible", "safe"] = ""  # empty: safe with a key, else plain
    wechat_programme: str = ""  # what the account is for; empty: the person chooses
    wechat_secret: str = Field(default="", repr=False)  # AppSecret: with it, and the rights, we may push
    wechat_api: str = "https://api.weixin.qq.com"
    wechat_window_hours: float = 48  # how long after a person's message customer-service messages may be sent
    wechat_quota: int = 5  # and how many, as the platform says today; 0: the account has no such right
    wechat_template: str = ""  # id of the template for notices outside the window; empty: none
    telegram_token: str = Field(default="", repr=False)  # of a bot; empty: none
    telegram_secret: str = Field(default="", repr=False)  # what the webhook's requests carry
    telegram_api: str = "https://api.telegram.org"
    telegram_programme: str = ""
    kefu_corp_id: str = ""  # 微信客服 of this enterprise (WeCom); empty: none
    kefu_secret: str = Field(default="", repr=False)
    kefu_token: str = Field(default="", repr=False)
    kefu_aes_key: str = Field(default="", repr=False)
    kefu_account: str = ""  # open_kfid
    kefu_api: str = "https://qyapi.weixin.qq.com"
    kefu_programme: str = ""
    sms_sender: Literal["", "console"] = "console"  # empty: no notice by SMS
    quiet_from: time = time(21, 30)  # in China's time: nothing is pushed between these two
    quiet_until: time = time(8, 0)
    smtp_host: str = ""  # of the server that sends our letters; empty: they are kept and shown to administrators only
    smtp_port: int = 0  # 0: 465 with tls, 587 with starttls, else 25
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = Field(default="", repr=False)
    smtp_from: str = ""  # the sender's address
    totp_roles: tuple[Literal["reviewer", "office", "answerer", "admin"], ...] = ()  # who must use a second factor
    link_hours: int = Field(default=72, ge=1)  # how long a link in a letter or a message leads anywhere
    lease_minutes: int = Field(default=120, ge=1)  # how long a taken case or question stays with who took it
    undo_seconds: int = Field(default=60, ge=0)  # how long a decision about many can be taken back
    export_alone: int = Field(default=50, ge=0)  # rows that one person may export without a second one
    export_hours: int = Field(default=24, ge=1)  # how long an export can be fetched
    proxies: int = 0  # reverse proxies before us whose X-Forwarded-For, -Proto and -Host are believed

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read PORT, HOST, DATABASE_URL, REDIS_URL and the BOLE_* variables."""
        env = os.environ if env is None else env
        plain = {
            "port": env.get("PORT"),
            "host": env.get("HOST"),
            "database_url": env.get("DATABASE_URL"),
            "redis_url": env.get("REDIS_URL"),
            "storage_url": env.get("BOLE_STORAGE_URL"),
            "storage_endpoint": env.get("BOLE_STORAGE_ENDPOINT"),
            "storage_region": env.get("BOLE_STORAGE_REGION"),
            "storage_key_id": env.get("BOLE_STORAGE_KEY_ID"),
            "storage_secret": env.get("BOLE_STORAGE_SECRET"),
            "public_url": env.get("BOLE_PUBLIC_URL"),
            "demo": env.get("BOLE_DEMO"),
            "demo_people": env.get("BOLE_DEMO_PEOPLE"),
            "secret_key": env.get("BOLE_SECRET_KEY"),
            "key_ring": env.get("BOLE_KEY_RING"),
            "today": env.get("BOLE_TODAY"),
            "log_level": env.get("BOLE_LOG_LEVEL"),
            "totp_roles": env.get("BOLE_TOTP_ROLES", "").replace(",", " ").split(),
            "proxies": env.get("BOLE_PROXIES"),
            "wechat_token": env.get("BOLE_WECHAT_TOKEN"),
            "wechat_app_id": env.get("BOLE_WECHAT_APP_ID"),
            "wechat_aes_keys": env.get("BOLE_WECHAT_AES_KEYS", "").replace(",", " ").split(),
            "wechat_mode": env.get("BOLE_WECHAT_MODE"),
            "wechat_programme": env.get("BOLE_WECHAT_PROGRAMME"),
            **{name: env.get(f"BOLE_{name.upper()}") for name in (*_CHANNEL_SETTINGS, *_OFFICE_SETTINGS)},
        }
        given = {name: value for name, value in plain.items() if value}
        return cls.model_validate({"data": Path(env.get("BOLE_DATA", "data")).absolute(), **given})

    @property
    def sqlalchemy_url(self) -> str:
        """The database URL; PostgreSQL URLs are given to psycopg 3."""
        if not self.database_url:
            return f"sqlite:///{self.data / 'bole.sqlite3'}"
        for prefix in ("postgresql://", "postgres://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url

    @property
    def has_database(self) -> bool:
        """Whether there is a database to look into, for commands that must not make one."""
        return bool(self.database_url) or (self.data / "bole.sqlite3").exists()

    @property
    def base_url(self) -> str:
        """The address put into links and the QR code, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
