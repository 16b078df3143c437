"""The settings that the two companies would write by hand: company.toml and channels.csv."""

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
"""


def with_questions(settings: str, questions: dict[str, str]) -> str:
    return settings.format(questions="\n".join(f'{meaning} = "{question}"' for meaning, question in questions.items()))
