"""Names of states, provinces and countries, with the adjectives that stand before "law" ("English law")."""

import functools
import re

_US = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|"
    "Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|"
    "Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|"
    "Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|"
    "Wisconsin|Wyoming|District of Columbia|Puerto Rico|Guam"
)
_PROVINCES = (
    "Alberta|British Columbia|Manitoba|New Brunswick|Newfoundland|Nova Scotia|Ontario|Prince Edward Island|Quebec|Québec|"
    "Saskatchewan|New South Wales|Queensland|South Australia|Tasmania|Victoria|Western Australia|Hesse|Bavaria|Zurich|"
    "Geneva"
)
_COUNTRIES = (
    "Afghanistan|Albania|Algeria|Andorra|Angola|Anguilla|Antigua and Barbuda|Argentina|Armenia|Aruba|Australia|Austria|"
    "Azerbaijan|Bahamas|Bahrain|Bangladesh|Barbados|Belarus|Belgium|Belize|Benin|Bermuda|Bhutan|Bolivia|"
    "Bosnia and Herzegovina|Botswana|Brazil|British Virgin Islands|Brunei|Bulgaria|Burkina Faso|Burundi|Cambodia|Cameroon|"
    "Canada|Cape Verde|Cayman Islands|Chad|Chile|China|Colombia|Comoros|Congo|Cook Islands|Costa Rica|Croatia|Cuba|Curaçao|"
    "Curacao|Cyprus|Czech Republic|Czechia|Denmark|Djibouti|Dominica|Dominican Republic|Dubai|Abu Dhabi|Ecuador|Egypt|"
    "El Salvador|England and Wales|England|Eritrea|Estonia|Eswatini|Ethiopia|Fiji|Finland|France|Gabon|Gambia|Germany|"
    "Ghana|Gibraltar|Greece|Greenland|Grenada|Guatemala|Guernsey|Guinea|Guyana|Haiti|Honduras|Hong Kong|Hungary|Iceland|"
    "India|Indonesia|Iran|Iraq|Ireland|Isle of Man|Israel|Italy|Ivory Coast|Jamaica|Japan|Jersey|Jordan|Kazakhstan|Kenya|"
    "Korea|South Korea|Republic of Korea|Kosovo|Kuwait|Kyrgyzstan|Laos|Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|"
    "Lithuania|Luxembourg|Macau|Macao|Macedonia|Madagascar|Malawi|Malaysia|Maldives|Mali|Malta|Marshall Islands|Mauritania|"
    "Mauritius|Mexico|Moldova|Monaco|Mongolia|Montenegro|Morocco|Mozambique|Myanmar|Namibia|Nepal|Netherlands|New Zealand|"
    "Nicaragua|Niger|Nigeria|Northern Ireland|Norway|Oman|Pakistan|Palau|Panama|Papua New Guinea|Paraguay|Peru|Philippines|"
    "Poland|Portugal|Qatar|Romania|Russia|Russian Federation|Rwanda|Saint Kitts and Nevis|Saint Lucia|Samoa|San Marino|"
    "Saudi Arabia|Scotland|Senegal|Serbia|Seychelles|Sierra Leone|Singapore|Slovakia|Slovenia|Somalia|South Africa|Spain|"
    "Sri Lanka|Sudan|Suriname|Sweden|Switzerland|Syria|Taiwan|Tajikistan|Tanzania|Thailand|Togo|Tonga|Trinidad and Tobago|"
    "Tunisia|Turkey|Turkmenistan|Turks and Caicos Islands|Uganda|Ukraine|United Arab Emirates|United Kingdom|Great Britain|"
    "United States of America|United States|Uruguay|Uzbekistan|Vanuatu|Venezuela|Vietnam|Wales|Yemen|Zambia|Zimbabwe"
)
# What else is said, and which name it means.
_OTHER = (
    "People's Republic of China=China|PRC=China|P.R.C.=China|P.R. China=China|Chinese=China|"
    "Commonwealth of Massachusetts=Massachusetts|Commonwealth of Pennsylvania=Pennsylvania|"
    "Commonwealth of Virginia=Virginia|Commonwealth of Kentucky=Kentucky|State of Washington=Washington|"
    "Washington, D.C.=District of Columbia|Washington, DC=District of Columbia|English=England|Scottish=Scotland|"
    "Irish=Ireland|German=Germany|French=France|Spanish=Spain|Italian=Italy|Dutch=Netherlands|Belgian=Belgium|"
    "Swiss=Switzerland|Austrian=Austria|Swedish=Sweden|Norwegian=Norway|Danish=Denmark|Finnish=Finland|Polish=Poland|"
    "Israeli=Israel|Indian=India|Japanese=Japan|Korean=South Korea|Canadian=Canada|Australian=Australia|Brazilian=Brazil|"
    "Mexican=Mexico|Russian=Russia|Singaporean=Singapore|Californian=California|Portuguese=Portugal|Greek=Greece|"
    "Turkish=Turkey|Deutschland=Germany|U.S.=United States|USA=United States|U.S.A.=United States|UK=United Kingdom|"
    "U.K.=United Kingdom|UAE=United Arab Emirates|Hong Kong SAR=Hong Kong|Québec=Quebec|Curaçao=Curacao|"
    "Republic of Korea=South Korea|Korea=South Korea|Macao=Macau|Russian Federation=Russia|Czechia=Czech Republic|"
    "United States of America=United States|Great Britain=United Kingdom|Massachussetts=Massachusetts"
)
_VALUES = {re.sub(r"\s+", " ", name).casefold(): name for name in f"{_US}|{_PROVINCES}|{_COUNTRIES}".split("|")}
_VALUES |= {name.casefold(): value for name, _, value in (pair.partition("=") for pair in _OTHER.split("|"))}


@functools.cache
def jurisdiction_pattern() -> re.Pattern[str]:
    """Matches a name or adjective in any case; callers ask for a capital at its beginning."""
    names = sorted(_VALUES, key=len, reverse=True)
    spaced = (re.escape(name).replace(r"\ ", r"\s+").replace("'", "['\u2019]") for name in names)
    return re.compile(r"(?<![\w.-])(?:" + "|".join(spaced) + r")(?!\w|-\w)", re.IGNORECASE)


def jurisdiction_of(text: str) -> str | None:
    """The state, province or country that a name or adjective means, None for what is none."""
    plain = " ".join(text.replace("\u2019", "'").split()).strip(" ,;")
    for form in (
        "",
        "the ",
        "state of ",
        "the state of ",
        "province of ",
        "the province of ",
        "republic of ",
        "the republic of ",
    ):
        if plain.casefold().startswith(form) and (value := _VALUES.get(plain.casefold()[len(form) :])):
            return value
    return None
