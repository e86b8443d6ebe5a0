"""Money as a contract states it: decimal text in a currency of ISO 4217, never a binary floating-point number."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_CODE = re.compile("[A-Z]{3}")
_AMOUNT = re.compile(r"-?\d{1,15}(?:\.\d{1,4})?", re.ASCII)
_QUANTITY = re.compile(r"\d{1,12}(?:\.\d{1,6})?", re.ASCII)

CURRENCIES = frozenset(
    _CODE.findall(
        """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
        CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
        HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL
        MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
        RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD
        TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
        """
    )
)
"""The alphabetic codes of ISO 4217 for money in circulation (no funds, metals or test codes)."""

_WITHOUT_MINOR_UNITS = frozenset(
    _CODE.findall("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF")
)
_WITH_THREE_DECIMALS = frozenset(_CODE.findall("BHD IQD JOD KWD LYD OMR TND"))
_USUAL_DECIMALS = 2


class NoMoney(ValueError):
    """Something is no amount or quantity that can be reckoned with exactly; the message says why."""


@dataclass(frozen=True)
class Line:
    """One row of a cost table with the quantity that a scenario takes of it."""

    price: Decimal
    quantity: Decimal
    cap: Decimal | None = None

    @property
    def charge(self) -> Decimal:
        """Quantity times price, at most the row's cap."""
        full = self.price * self.quantity
        return full if self.cap is None else min(full, self.cap)


def amount(value: object) -> Decimal:
    """The amount that a text such as `750.00` states, exactly. Raises NoMoney, for floats as well."""
    if isinstance(value, bool | int | float):
        raise NoMoney('it is a JSON number; money is written as decimal text, as in "750.00"')
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise NoMoney('it is no amount of money written as decimal text, as in "750.00"')
    return Decimal(value)


def quantity(value: object) -> Decimal:
    """A quantity: a whole JSON number, or decimal text where it has a fraction. Raises NoMoney."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Decimal(value)
    if isinstance(value, str) and _QUANTITY.fullmatch(value):
        return Decimal(value)
    raise NoMoney("it is no quantity: a whole number from 0 up, or decimal text where there is a fraction")


def decimals_of(currency: str) -> int:
    """How many decimal places an amount in this currency may have (ISO 4217, minor units)."""
    if currency in _WITHOUT_MINOR_UNITS:
        return 0
    return 3 if currency in _WITH_THREE_DECIMALS else _USUAL_DECIMALS


def decimals_in(value: Decimal) -> int:
    """How many decimal places were written."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def total(lines: Iterable[Line]) -> Decimal:
    """The sum of all charges."""
    return sum((line.charge for line in lines), Decimal(0))
