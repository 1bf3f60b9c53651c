/* demo_names.c - the tables of demo_names.h, and how names become addresses. */
#include "services/imports/demo_names.h"

#include "support/compiler.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

const struct demo_culture demo_cultures[DEMO_CULTURES] = {
    {"GB",
     "@@# #@@",
     "N S",
     20,
     {"Amelia", "Oliver", "Isla",    "George", "Freya", "Arthur",  "Poppy",
      "Henry",  "Imogen", "Callum",  "Rosie",  "Alfie", "Harriet", "Jude",
      "Martha", "Rory",   "Eleanor", "Finlay", "Beth",  "Owen"},
     {"Ashworth",  "Blackwood",  "Carver", "Dunn",      "Ellison",   "Fairley",
      "Garside",   "Hargreaves", "Ingham", "Jessop",    "Kirkby",    "Langley",
      "Marsden",   "Norris",     "Oakley", "Pickering", "Radcliffe", "Sutcliffe",
      "Thackeray", "Underhill",  "Varley", "Whitaker",  "Yates",     "Booth"},
     {"Marlbridge", "Eastwick Down", "Port Hallow", "Kelmoor", "Thornaby Cross", "Lower Ashby"},
     {"Mill Lane", "Station Road", "Church Street", "Orchard Close", "Quarry Hill", "Tanner Row",
      "Meadow View", "Harbour Walk"}},
    {"DE",
     "#####",
     "S N",
     18,
     {"Anna",  "Lukas",  "Mia",      "Jonas", "Lena",   "Felix", "Jürgen",
      "Greta", "Moritz", "Käthe",    "Paul",  "Frieda", "Sören", "Johanna",
      "Emil",  "Ida",    "Matthias", "Heike", "Björn",  "Clara"},
     {"Bäcker",   "Brandt",  "Dietrich", "Engel",   "Fuchs",     "Größner", "Hahn",   "Jäger",
      "Kessler",  "Lindner", "Möller",   "Neumann", "Ostermann", "Pohl",    "Rößler", "Schäfer",
      "Tillmann", "Uhlig",   "Vogt",     "Wegener", "Ziegler",   "Kühn",    "Sommer", "Lorenz"},
     {"Altenwerda", "Brunnheim", "Kirchfelde", "Neuschwarza", "Oberlinden", "Seebrück"},
     {"Lindenallee", "Bahnhofstraße", "Am Anger", "Mühlweg", "Gartenstraße", "Schulgasse",
      "Feldweg", "Marktplatz"}},
    {"FR",
     "#####",
     "N S",
     12,
     {"Camille", "Louis",    "Chloé",  "Théo",     "Manon",   "Hugo",   "Élodie",
      "Gabriel", "Inès",     "Léo",    "Juliette", "Maël",    "Anaïs",  "Antoine",
      "Zoé",     "Baptiste", "Noémie", "Rémi",     "Margaux", "Étienne"},
     {"Aubert",   "Blanchard", "Chevalier", "Delorme",    "Evrard",   "Fontaine",
      "Gauthier", "Hébert",    "Imbert",    "Jacquet",    "Lacombe",  "Mercier",
      "Noël",     "Olivier",   "Perrin",    "Quentin",    "Rousseau", "Sauvage",
      "Tessier",  "Vasseur",   "Béranger",  "Carpentier", "Descamps", "Leroux"},
     {"Montclair-sur-Orvanne", "Saint-Aubry", "Villelongue", "Port-Marec", "Belcastel",
      "Les Ormes"},
     {"rue des Tilleuls", "avenue de la Gare", "rue du Moulin", "place du Marché",
      "chemin des Vignes", "rue Haute", "quai des Brumes", "allée des Roses"}},
    {"ES",
     "#####",
     "S, N",
     9,
     {"Lucía", "Hugo",    "Martina", "Mateo",  "Sofía", "Álvaro", "Carmen",
      "Pablo", "Inés",    "Iker",    "Begoña", "Rubén", "Ainhoa", "Sergio",
      "Nuria", "Joaquín", "Pilar",   "Adrián", "Rocío", "Íñigo"},
     {"Aguirre", "Bermúdez", "Cano",   "Domínguez", "Escudero", "Fuentes", "Gallardo", "Herrero",
      "Ibáñez",  "Jurado",   "Lozano", "Medina",    "Navarro",  "Ortega",  "Peña",     "Quintana",
      "Rubio",   "Santana",  "Tejero", "Urrutia",   "Vidal",    "Yáñez",   "Zamora",   "Molina"},
     {"Villafresno", "Puerto Salinas", "Alcoria", "Montelobo", "Ribera Alta", "San Telmo"},
     {"Calle Mayor", "Calle del Olmo", "Avenida del Mar", "Plaza Nueva", "Calle de la Fuente",
      "Paseo de los Álamos", "Calle Real", "Camino Viejo"}},
    {"IT",
     "#####",
     "S, N",
     8,
     {"Giulia",  "Leonardo", "Aurora",   "Lorenzo", "Chiara", "Davide", "Niccolò",
      "Elena",   "Tommaso",  "Ginevra",  "Marco",   "Sara",   "Pietro", "Bianca",
      "Filippo", "Noemi",    "Riccardo", "Ilaria",  "Gaia",   "Matteo"},
     {"Amato",    "Barbieri", "Caruso",    "D'Angelo", "Esposito", "Ferri",
      "Gallo",    "Longo",    "Marchetti", "Negri",    "Orlando",  "Pellegrini",
      "Quaranta", "Rinaldi",  "Serra",     "Testa",    "Vitale",   "Zanetti",
      "Bassi",    "Conti",    "De Luca",   "Fabbri",   "Moretti",  "Valentini"},
     {"Borgo Lieto", "Monteviola", "Castelrosso", "Acquafredda", "Pieve Nuova", "Torrenera"},
     {"Via Garofani", "Via della Stazione", "Corso Nuovo", "Piazza del Pozzo", "Via dei Mulini",
      "Viale dei Pini", "Vicolo Stretto", "Via San Rocco"}},
    {"PL",
     "##-###",
     "S N",
     8,
     {"Zofia",  "Łukasz",    "Hanna",   "Jakub",  "Maja",   "Szymon",     "Zuzanna",
      "Michał", "Agnieszka", "Paweł",   "Oliwia", "Kacper", "Małgorzata", "Wojciech",
      "Iga",    "Tomasz",    "Natalia", "Marcin", "Ewa",    "Grzegorz"},
     {"Adamczyk",  "Bąk",    "Cieślak",   "Dąbrowska", "Głowacki",  "Jasiński",
      "Kaczmarek", "Lis",    "Mazur",     "Nowicki",   "Olszewska", "Pawlak",
      "Rutkowski", "Sikora", "Szymański", "Tomczak",   "Urbaniak",  "Walczak",
      "Wróbel",    "Zając",  "Żak",       "Kozioł",    "Sobczak",   "Gajewska"},
     {"Brzezina", "Stary Most", "Wierzbno Górne", "Lipowiec", "Jezierzany", "Nowa Łąka"},
     {"ul. Lipowa", "ul. Polna", "ul. Kwiatowa", "ul. Młyńska", "ul. Szkolna", "ul. Słoneczna",
      "al. Parkowa", "ul. Rzeczna"}},
    {"NL",
     "#### @@",
     "S N",
     7,
     {"Emma", "Daan",  "Sanne", "Sem",   "Fleur", "Bram",   "Lotte", "Thijs", "Eva",  "Joris",
      "Noor", "Ruben", "Femke", "Stijn", "Maud",  "Wouter", "Anouk", "Jelle", "Loes", "Pim"},
     {"Bakker",   "van den Berg", "Claassen", "Dekker",  "van Dijk", "Evers",
      "Groen",    "de Haan",      "Huisman",  "Jansen",  "Kuipers",  "Lammers",
      "Meijer",   "Noordhoek",    "Postma",   "Romeijn", "Schouten", "Timmer",
      "Veenstra", "de Wit",       "Zijlstra", "Blom",    "Hoekstra", "van Leeuwen"},
     {"Oosterwoude", "Waterhoek", "Nieuwendam aan Zee", "Lindehoven", "Zandvelde", "Molenrade"},
     {"Dorpsstraat", "Molenweg", "Kerkplein", "Lindelaan", "Havenkade", "Schoolstraat", "Dijkweg",
      "Wilgenpad"}},
    {"SE",
     "### ##",
     "S N",
     5,
     {"Alva", "Elias", "Maja", "Axel",  "Astrid", "Oskar",  "Linnéa", "Gustav", "Saga", "Nils",
      "Tuva", "Måns",  "Ebba", "Björn", "Signe",  "Viktor", "Åsa",    "Hampus", "Elsa", "Sixten"},
     {"Ahlström", "Berglund",  "Dahlqvist", "Ekström", "Forsberg", "Grönlund", "Hedman", "Isaksson",
      "Jonsson",  "Karlberg",  "Lindqvist", "Månsson", "Nyström",  "Öberg",    "Palm",   "Rosén",
      "Sandell",  "Törnqvist", "Vikander",  "Wallin",  "Åkesson",  "Holmgren", "Lundin", "Sjöberg"},
     {"Björkvik", "Stenåsa", "Norra Hamn", "Granby", "Älvsund", "Ljungdal"},
     {"Storgatan", "Björkvägen", "Hamngatan", "Skolgatan", "Kyrkvägen", "Ängsstigen", "Strandvägen",
      "Kvarngatan"}},
    {"PT",
     "####-###",
     "S, N",
     4,
     {"Leonor", "Tomás",   "Matilde", "Duarte",   "Beatriz", "Gonçalo", "Inês",
      "Afonso", "Mariana", "João",    "Catarina", "Simão",   "Rita",    "Tiago",
      "Joana",  "Vasco",   "Lúcia",   "Rui",      "Teresa",  "Nuno"},
     {"Almeida",   "Barros",    "Cardoso", "Duarte",    "Esteves",  "Faria",
      "Gonçalves", "Henriques", "Leitão",  "Magalhães", "Neves",    "Oliveira",
      "Pacheco",   "Queirós",   "Ramalho", "Simões",    "Teixeira", "Vasconcelos",
      "Xavier",    "Brandão",   "Cunha",   "Falcão",    "Moura",    "Pinho"},
     {"Vila Serena", "Porto Claro", "Montalvo", "Ribeira Funda", "Aldeia Velha", "Santa Iria"},
     {"Rua Direita", "Rua das Flores", "Avenida da Praia", "Largo do Poço", "Rua do Moinho",
      "Travessa Nova", "Rua da Escola", "Rua do Carmo"}},
    {"TR",
     "#####",
     "S No: N",
     4,
     {"Elif",   "Mehmet", "Zeynep", "Yusuf",  "Defne", "Kerem", "Ayşe", "Emre",  "Ceren", "Oğuz",
      "Gülsüm", "Barış",  "İpek",   "Çağlar", "Selin", "Ömer",  "Aslı", "Deniz", "Nazlı", "Tolga"},
     {"Acar",   "Bulut", "Çelik",  "Demirci", "Erdoğdu", "Fidan", "Güneş",  "Işık",
      "Karaca", "Koç",   "Özkan",  "Polat",   "Sezer",   "Şahin", "Taş",    "Uçar",
      "Ünal",   "Yavuz", "Yıldız", "Aksoy",   "Balcı",   "Doğan", "Kaplan", "Tekin"},
     {"Yeşilköprü", "Akçahisar", "Gölbaşlı", "Denizören", "Taşkapı", "Çamlıova"},
     {"Çınar Sokak", "Gül Sokak", "İstasyon Caddesi", "Liman Caddesi", "Papatya Sokak",
      "Değirmen Sokak", "Okul Caddesi", "Bahçe Sokak"}},
    {"IE",
     "@## @#@#",
     "N S",
     3,
     {"Aoife",   "Cian",    "Saoirse", "Conor",   "Niamh", "Oisín",   "Róisín",
      "Darragh", "Caoimhe", "Fionn",   "Clodagh", "Tadhg", "Gráinne", "Eoin",
      "Sinéad",  "Cormac",  "Orla",    "Ruairí",  "Maeve", "Colm"},
     {"Ahern",     "Byrne",    "Cullinane", "Devlin",  "Egan",      "Fallon",
      "Gallagher", "Hanratty", "Keogh",     "Lenihan", "MacCarthy", "Nolan",
      "O'Dwyer",   "O'Rourke", "Phelan",    "Quigley", "Rafferty",  "Scanlon",
      "Tierney",   "Walsh",    "Ó Briain",  "Breslin", "Corrigan",  "Donnelly"},
     {"Ballinfoyle Cross", "Kilbrannock", "Carrigmore", "Dunleary Bay", "Rathcorrin", "Glenamoy"},
     {"Main Street", "Strand Road", "Abbey Lane", "Bridge Street", "Chapel Hill", "Rowan Park",
      "Quay Street", "Mountain View"}},
    {"AT",
     "####",
     "S N",
     2,
     {"Lea",     "Maximilian", "Magdalena", "Tobias",  "Hannah",  "Valentin", "Theresa",
      "Florian", "Marlene",    "Xaver",     "Rosa",    "Severin", "Veronika", "Lorenz",
      "Sophie",  "Kilian",     "Helene",    "Vinzenz", "Agnes",   "Raphael"},
     {"Aigner",    "Binder",     "Dorfer", "Ebner",   "Fürst",     "Gruber",
      "Haslinger", "Innerhofer", "Kogler", "Leitner", "Moser",     "Niederer",
      "Oberhuber", "Pichler",    "Reiter", "Steindl", "Thaler",    "Unterberger",
      "Wallner",   "Zauner",     "Böhm",   "Lackner", "Schönauer", "Winkler"},
     {"Sonnegg", "Hinterthal am Kar", "Mitterau", "Steinfurth", "Bergkirchl", "Donaufeldern"},
     {"Hauptplatz", "Dorfstraße", "Bachgasse", "Sonnenweg", "Kirchengasse", "Almweg", "Hofgasse",
      "Ringstraße"}},
};

/* The letters above that are not ASCII; those of one culture keep its own spelling. */
static const struct {
    const char *letter;
    const char *ascii;
} letters[] = {
    {"ä", "ae"}, {"Ä", "ae"}, {"ö", "oe"}, {"Ö", "oe"}, {"ü", "ue"}, {"Ü", "ue"}, {"ß", "ss"},
    {"á", "a"},  {"à", "a"},  {"ã", "a"},  {"å", "a"},  {"Å", "a"},  {"Á", "a"},  {"ą", "a"},
    {"ç", "c"},  {"Ç", "c"},  {"ć", "c"},  {"é", "e"},  {"è", "e"},  {"ê", "e"},  {"ë", "e"},
    {"É", "e"},  {"ę", "e"},  {"ğ", "g"},  {"í", "i"},  {"ï", "i"},  {"Í", "i"},  {"ı", "i"},
    {"İ", "i"},  {"ł", "l"},  {"Ł", "l"},  {"ñ", "n"},  {"ń", "n"},  {"ó", "o"},  {"ò", "o"},
    {"õ", "o"},  {"Ó", "o"},  {"ś", "s"},  {"ş", "s"},  {"Ş", "s"},  {"ú", "u"},  {"ż", "z"},
    {"Ż", "z"},  {"ź", "z"},
};

/* The bytes a character takes in UTF-8, from its first byte. */
static size_t character_size(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The ASCII form of one character, "" where it has none. */
static const char *letter_ascii(const char *character, size_t size)
{
    for (size_t i = 0; i < ARRAY_LENGTH(letters); i++) {
        if (strlen(letters[i].letter) == size && memcmp(letters[i].letter, character, size) == 0)
            return letters[i].ascii;
    }
    return "";
}

static bool is_word_gap(char c)
{
    return c == ' ' || c == '-' || c == '.' || c == '&' || c == ',';
}

static char lower_or_none(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '\0';
}

size_t demo_ascii(const char *utf8, char separator, char *ascii, size_t size)
{
    assert(utf8 && ascii && size > 0);
    size_t length = 0;
    bool gap = false; /* words are separated once, and never at the ends */
    for (const char *c = utf8; *c;) {
        size_t width = character_size((unsigned char)*c);
        char own[2] = {lower_or_none(*c), '\0'};
        const char *add = width == 1 ? own : letter_ascii(c, width);
        gap = gap || is_word_gap(*c);
        c += width;
        if (!*add)
            continue;
        if (gap && separator && length && length + 1 < size)
            ascii[length++] = separator;
        gap = false;
        for (; *add && length + 1 < size; add++)
            ascii[length++] = *add;
    }
    ascii[length] = '\0';
    return length;
}
