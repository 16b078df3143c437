"""«Северный свет»: what is planted in it, as data."""

from dataclasses import dataclass
from datetime import date, datetime

from .laws import Answers, Hill, Power, Purchases, Season, WorkingHours, days_of


@dataclass(frozen=True)
class Source:
    """One row of Metrica's sources report, and how its visitors behave."""

    channel: str
    group: str
    detail: str
    utm: tuple[str, str]
    visits: float  # a day, before season and growth; paid sources take theirs from the response curve
    leads: float  # per visit of a person
    new_customers: float  # first retail orders per visit of a person
    bounces: float
    depth: float
    seconds: float
    new_visitors: float
    robots: float = 0.0


@dataclass(frozen=True)
class PaidChannel:
    curve: Hill | Power
    level: float
    lowest: float
    highest: float
    starts: str
    campaigns: tuple[tuple[str, str, float], ...]  # utm_campaign, name in the ad account, share of spend
    ctr: float


LONG_NAME = "МК_Светодиодные светильники для офисов, школ и складов | B2B | Россия, кроме ДВ | 2025-2026"
ADS, SEARCH = "Переходы по рекламе", "Переходы из поисковых систем"
SOURCES = (
    Source("yandex_direct", ADS, "Яндекс: Директ", ("yandex", "cpc"), 0, 0.0104, 0.0128, 0.18, 3.4, 165, 0.71),
    Source("vk_ads", ADS, "ВКонтакте: реклама", ("vk", "cpc"), 0, 0.0064, 0.0027, 0.34, 2.1, 74, 0.83),
    Source(
        "partner_network", ADS, "Партнёрская сеть", ("partnerka", "cpc"), 0, 0.0025, 0.0006, 0.71, 1.2, 17, 0.95, 0.12
    ),
    Source(
        "organic_search",
        SEARCH,
        "Яндекс, результаты поиска",
        ("yandex", "organic"),
        106,
        0.0056,
        0.0138,
        0.15,
        3.6,
        182,
        0.64,
    ),
    Source(
        "organic_search",
        SEARCH,
        "Google, результаты поиска",
        ("google", "organic"),
        50,
        0.0054,
        0.0138,
        0.17,
        3.3,
        171,
        0.66,
    ),
    Source(
        "direct",
        "Прямые заходы",
        "Не определено",
        ("(direct)", "(none)"),
        62,
        0.0070,
        0.0165,
        0.16,
        3.9,
        204,
        0.38,
        0.03,
    ),
    Source(
        "email",
        "Переходы с почтовых рассылок",
        "Рассылка",
        ("email", "newsletter"),
        28,
        0.0056,
        0.0110,
        0.11,
        4.1,
        212,
        0.09,
    ),
    Source(
        "social", "Переходы из социальных сетей", "ВКонтакте", ("vk", "social"), 26, 0.0047, 0.0090, 0.23, 2.5, 96, 0.48
    ),
    Source(
        "referral",
        "Переходы по ссылкам на сайтах",
        "design-portal.example",
        ("design-portal.example", "referral"),
        21,
        0.0074,
        0.0155,
        0.21,
        3.0,
        140,
        0.74,
        0.04,
    ),
    Source(
        "referral",
        "Переходы по ссылкам на сайтах",
        "svet-top.example",
        ("svet-top.example", "referral"),
        0,
        0,
        0,
        0,
        1,
        0,
        1,
    ),
)
ROBOT_SOURCE = SOURCES[-1]
PAID = {
    "yandex_direct": PaidChannel(
        Hill(520, 5850, 1.15),
        3900,
        1400,
        9000,
        "2024-11-01",
        (
            ("poisk_lyustry", "Поиск_Люстры_Москва и СПб", 0.38),
            ("brend", "Поиск_Бренд", 0.10),
            ("rsya_retarget", "РСЯ_Ретаргетинг; смарт-баннеры", 0.24),
            ("mk_b2b_ofisy", LONG_NAME, 0.28),
        ),
        0.052,
    ),
    "vk_ads": PaidChannel(
        Power(2.9, 0.5),
        2000,
        700,
        5200,
        "2024-11-01",
        (("vk_dizaynery", "vk_dizaynery_lookalike", 0.6), ("vk_retarget", "vk_retarget_site", 0.4)),
        0.009,
    ),
    "partner_network": PaidChannel(
        Power(0.33, 0.83), 850, 350, 2200, "2025-09-01", (("partnerka_set_svet", "partnerka_set_svet", 1.0),), 0.013
    ),
}
NEW_CAMPAIGN, NEW_CAMPAIGN_STARTS = (
    "mk_b2b_ofisy",
    datetime(2025, 4, 1),
)  # until then its share goes to the first campaign
SEASON = Season(325, (0.17, 0.05), 1.06, (("01-01", "01-08", 0.62),))
WEEKDAYS_VISITS = (1.06, 1.07, 1.06, 1.05, 1.02, 0.87, 0.87)
WEEKDAYS_LEADS = (1.12, 1.15, 1.13, 1.10, 1.03, 0.74, 0.73)
MARGINS = {
    "yandex_direct": 0.40,
    "vk_ads": 0.38,
    "partner_network": 0.35,
    "organic_search": 0.43,
    "direct": 0.44,
    "email": 0.36,
    "social": 0.39,
    "referral": 0.41,
}
B2B_SHARE = {
    "yandex_direct": 0.20,
    "vk_ads": 0.08,
    "partner_network": 0.10,
    "organic_search": 0.20,
    "direct": 0.22,
    "email": 0.12,
    "social": 0.06,
    "referral": 0.28,
}
WIN_FACTOR = {"vk_ads": 0.6}
WIN = {"B2B": 0.22, "розница": 0.28}
CYCLE_DAYS = {"B2B": (45.0, 0.6), "розница": (10.0, 0.5)}
DEAL_VALUE = {"B2B": (125_000.0, 0.35, 100), "розница": (19_000.0, 0.35, 10)}
QUALIFICATION, QUALIFICATION_AFTER, QUALIFICATION_FALLS = 0.82, 0.68, datetime(2026, 9, 1)
QUALIFICATION_DAYS = (1.5, 0.6)
ROBOT_BURST = (date(2026, 10, 9), date(2026, 10, 15), 700)
MISSING_TRACKING = (date(2026, 6, 17), date(2026, 6, 18))
GOAL_TRACKED, CANCELLED = 0.97, 0.04
PURCHASES = Purchases(r=0.32, alpha=30.0, a=0.8, b=2.2, p=6.0, q=4.0, v=3700.0)
REPEAT_SOURCES = {
    ("email", "newsletter"): 0.35,
    ("(direct)", "(none)"): 0.35,
    ("yandex", "organic"): 0.10,
    ("google", "organic"): 0.05,
    ("yandex", "cpc"): 0.10,
    ("vk", "social"): 0.05,
}
MANAGERS = ("Белова А.", "Ветров И.", "Снегова М.")
ANSWERS = Answers(late=0.12, never=0.03)
HOURS = WorkingHours(
    9,
    18,
    days_of(
        """
        2024-11-04 2024-12-30 2024-12-31 2025-01-01 2025-01-02 2025-01-03 2025-01-06 2025-01-07
        2025-01-08 2025-05-01 2025-05-02 2025-05-08 2025-05-09 2025-06-12 2025-06-13 2025-11-03
        2025-11-04 2025-12-31 2026-01-01 2026-01-02 2026-01-05 2026-01-06 2026-01-07 2026-01-08
        2026-01-09 2026-02-23 2026-03-09 2026-05-01 2026-05-11 2026-06-12 2026-11-04
        """
    ),
    days_of("2024-11-02 2024-12-28 2025-11-01"),
)
CHANNEL_OF = {source.utm: source.channel for source in SOURCES}
