"""The settings that the two companies would write by hand: company.toml, channels.csv, campaigns.csv and pay.csv."""

import csv
from collections.abc import Mapping
from io import StringIO

from generator.severny_svet_planted import PaidChannel

SEVERNY_SVET = """\
name = "Северный свет"
currency = "RUB"
language = "ru"
timezone = "Europe/Moscow"
vat = "included"

[actions]
main = "Заявка"         # the goal that counts as conversion

[working_hours]
days = ["mon", "tue", "wed", "thu", "fri"]
opens = "09:00"
closes = "18:00"
country = "RU"          # public holidays

[leads]
qualified = ["Коммерческое предложение", "Договор", "Успешно реализовано"]  # where the CRM does not say
won = ["Успешно реализовано"]
lost = ["Закрыто и не реализовано"]

[survey]                # what each question asks
{questions}
aware_unaided_names = ["северный свет"]   # text that counts as naming us

[market]
company = "Северный свет"

[pay]
charges = 0.3           # on top of every bonus
"""

SEVERNY_SVET_PAY = """\
owner,bonus,kpi,scope,weight,target,curve,threshold,cap
marketing,40000,cpql,company,40 %,,linear,50 %,120 %
marketing,,leads,company,30 %,,linear,50 %,120 %
marketing,,romi,company,30 %,,linear,50 %,120 %
sales,50000,qualification_rate,company,50 %,,linear,50 %,120 %
sales,,answered_in_time,company,30 %,86 %,linear,80 %,120 %
sales,,missed_calls,company,20 %,7 %,linear,50 %,150 %
sales,,close_rate,company,0,25 %,linear,80 %,120 %
"""

SEVERNY_SVET_CHANNELS = """\
source,medium,campaign,channel
partnerka,*,*,partner_network
*,*,partnerka_*,partner_network
Партнёрская сеть,*,*,partner_network
*,Партнёрская сеть,*,partner_network
"""

NORTHLIGHT = """\
name = "Northlight"
currency = "USD"
language = "en"
timezone = "America/New_York"
vat = "excluded"

[working_hours]
days = ["mon", "tue", "wed", "thu", "fri"]
opens = "09:00"
closes = "17:00"
country = "US"          # public holidays

[leads]
qualified = ["Qualified To Buy", "Contract Sent", "Closed Won"]
won = ["Closed Won"]
lost = ["Closed Lost"]

[margin]
share = 0.58            # of revenue: the shop's export has no costs of goods

[survey]                # what each question asks
{questions}
aware_unaided_names = ["northlight"]      # text that counts as naming us

[pay]
charges = 0.0765        # payroll taxes on top of every bonus
"""

NORTHLIGHT_PAY = """\
owner,bonus,kpi,scope,weight,target,curve,threshold,cap
marketing,600,cpl,company,35 %,,linear,50 %,120 %
marketing,,leads,company,35 %,,linear,50 %,120 %
marketing,,romi,company,30 %,380 %,linear,50 %,120 %
marketing,,qualification_rate,company,0,,linear,80 %,120 %
sales,800,qualification_rate,company,60 %,,step,,
sales,,answered_in_time,company,40 %,88 %,linear,80 %,120 %
sales,,close_rate,company,0,30 %,linear,80 %,120 %
"""


def with_questions(settings: str, questions: dict[str, str]) -> str:
    return settings.format(questions="\n".join(f'{meaning} = "{question}"' for meaning, question in questions.items()))


def campaigns(paid: Mapping[str, PaidChannel]) -> str:
    """campaigns.csv: the tags of the CRM that are not the names of the ad account."""
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["channel", "utm_campaign", "campaign"])
    table.writerows(
        [channel, tag, name] for channel, one in paid.items() for tag, name, _share in one.campaigns if tag != name
    )
    return text.getvalue()
