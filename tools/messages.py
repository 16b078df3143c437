"""What kit.py says, in English or Russian by the system's language.

Older Pythons read this file to say that they are too old: nothing in it is newer than Python 3.6.
"""

import os
import sys

RUSSIAN = {
    "This is Python {found}; the kit needs Python {needed} or newer.": (
        "Это Python {found}, а нужен Python {needed} или новее."
    ),
    "This Python has no venv, which the kit needs. On Debian or Ubuntu: apt install python3-venv": (
        "В этом Python нет venv, без него не обойтись. В Debian и Ubuntu: apt install python3-venv"
    ),
    "Another set-up is running in this folder; waiting for it.": "В этой папке уже идёт установка; ждём её окончания.",
    "Making .venv": "Создаём .venv",
    "Fetching the installer": "Загружаем установщик",
    "Installing up to {count} packages; the first time takes some minutes": (
        "Устанавливаем пакеты (до {count}); в первый раз это займёт несколько минут"
    ),
    "uv could not do it; going on with pip": "Через uv не получилось; продолжаем через pip",
    "Installing the kit itself": "Устанавливаем сам набор",
    "Ready.": "Готово.",
    "The network does not answer, so the packages cannot be fetched. Try again later; details: {log}": (
        "Сеть не отвечает, пакеты загрузить не удалось. Повторите команду позже; подробности: {log}"
    ),
    "The disk is full. Make room (about 1.5 GB) and run the command again.": (
        "На диске нет места. Освободите около 1,5 ГБ и повторите команду."
    ),
    "A package cannot be installed in this Python ({found}); details: {log}": (
        "Не удалось установить пакет в этот Python ({found}); подробности: {log}"
    ),
    "The set-up cannot write its files ({reason}). Close the programs that use .venv and check your rights.": (
        "Не удаётся записать файлы ({reason}). Закройте программы, которые используют .venv, и проверьте права доступа."
    ),
    "Stopped. The next start finishes the work.": "Остановлено. Следующий запуск доведёт работу до конца.",
    "kit.py has no command {command}. Commands: {commands}": "У kit.py нет команды {command}. Есть: {commands}",
}

RUSSIAN_HELP = """Устанавливает набор и запускает его: `python3 kit.py report`. Нужен только Python 3.11 или новее.

    kit.py report [АРГУМЕНТЫ]  собрать отчёты двух учебных компаний в reports/; с аргументами: kpi report АРГУМЕНТЫ
    kit.py lab [АРГУМЕНТЫ]     открыть блокноты в JupyterLab
    kit.py test [АРГУМЕНТЫ]    запустить тесты; с аргументами: pytest АРГУМЕНТЫ
    kit.py lint                проверить код: ruff и mypy
    kit.py kpi АРГУМЕНТЫ       команда kpi
    kit.py python АРГУМЕНТЫ    Python, в который установлен набор
    kit.py setup               только установить

При первом запуске рядом с этим файлом создаётся .venv с версиями из requirements.lock; дальше он уже готов.
Прервать можно в любой момент: следующий запуск доведёт работу до конца.

Коды завершения: код самой команды либо 64 (у kit.py нет такой команды), 69 (этот Python не подходит), 74 (диск или
файлы), 75 (сеть или пакет: повторите попытку), 130 (остановлено).
"""


def speaks_russian() -> bool:
    """Whether the reader's system is in Russian."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name].lower().startswith("ru")
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 0x19)
    return False


def say(message: str, **values: object) -> None:
    """Write one line for the reader on standard error, in their language."""
    russian = RUSSIAN[message]  # looked up in English, too: a message without its Russian is noticed at once
    text = russian if speaks_russian() else message
    sys.stderr.write(text.format(**values) + "\n")
    sys.stderr.flush()
