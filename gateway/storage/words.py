"""The words read in each part, for search: FTS5 on SQLite, a tsvector on PostgreSQL, one question for both.

What is kept are the different words of a part, folded and cut in Python, so that both databases find alike. The
table is made here, being none that SQLAlchemy can declare for both.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Integer, Select, column, select, table, text

from gateway.storage.tables import arrivals, parts
from parsers.reading import READING, Document, Reading

TABLE = "part_words"
_MOST_WORDS = 6000  # of one part; a tsvector holds a megabyte
_LONGEST = 40
_WORD = re.compile(r"[^\W_]+")
_BATCH = 200


def folded_words(text_read: str, most: int = _MOST_WORDS) -> tuple[str, ...]:
    """Its different words, without case and accents, in order of appearance."""
    plain = unicodedata.normalize("NFKD", text_read.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return tuple(dict.fromkeys(word[:_LONGEST] for word in _WORD.findall(plain)))[:most]


def words_of(document: Document, reading: Reading) -> tuple[str, ...]:
    """All that may be searched of one document: its text, its people, its number, and who sent the mail."""
    people = (f"{one.given} {one.family} {one.mrn}" for one in document.people)
    code = document.code.number if document.code else ""
    mail = f"{reading.mail.sender} {reading.mail.subject}" if reading.mail else ""
    fields = (field.value for field in document.fields)
    return folded_words(" ".join((document.text, *people, code, *document.numbers, mail, document.attachment, *fields)))


def create_words(connection: Connection) -> None:
    """Make the table; only the migration does."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"CREATE TABLE {TABLE} (id integer PRIMARY KEY, words tsvector NOT NULL)"))
        connection.execute(text(f"CREATE INDEX ix_{TABLE} ON {TABLE} USING gin (words)"))
    else:
        connection.execute(text(f"CREATE VIRTUAL TABLE {TABLE} USING fts5 (words, detail=none, prefix='3')"))


def index_readings(connection: Connection) -> None:
    """The words of every part that was read before there was an index."""
    last = 0
    while True:
        rows = connection.execute(
            select(parts.c.id, parts.c.place, arrivals.c.reading)
            .join(arrivals, arrivals.c.id == parts.c.arrival_id)
            .where(parts.c.id > last, arrivals.c.reading.is_not(None))
            .order_by(parts.c.id)
            .limit(_BATCH)
        ).all()
        if not rows:
            return
        for row in rows:
            reading = READING.validate_json(row.reading)
            if row.place < len(reading.documents):
                keep_words(connection, row.id, words_of(reading.documents[row.place], reading))
        last = rows[-1].id


def keep_words(connection: Connection, part_id: int, words: Iterable[str]) -> None:
    """Index one part."""
    said = " ".join(words)
    forget_words(connection, [part_id])
    if connection.dialect.name == "postgresql":
        statement = f"INSERT INTO {TABLE} (id, words) VALUES (:id, to_tsvector('simple', :words))"  # noqa: S608
    else:
        statement = f"INSERT INTO {TABLE} (rowid, words) VALUES (:id, :words)"  # noqa: S608
    connection.execute(text(statement), {"id": part_id, "words": said})


def forget_words(connection: Connection, part_ids: Sequence[int]) -> None:
    """Drop parts from the index."""
    key = "id" if connection.dialect.name == "postgresql" else "rowid"
    for part_id in part_ids:
        connection.execute(text(f"DELETE FROM {TABLE} WHERE {key} = :id"), {"id": part_id})  # noqa: S608


def parts_with(dialect: str, words: Sequence[str]) -> Select[int]:
    """The ids of parts in which each of these begins a word."""
    if dialect == "postgresql":
        asked = " & ".join(f"'{word}':*" for word in words)
        found = text(f"{TABLE}.words @@ to_tsquery('simple', :asked)").bindparams(asked=asked)
        return select(column("id", Integer)).select_from(table(TABLE)).where(found)
    asked = " ".join(f'"{word}"*' for word in words)
    found = text(f"{TABLE} MATCH :asked").bindparams(asked=asked)
    return select(column("rowid", Integer)).select_from(table(TABLE)).where(found)
