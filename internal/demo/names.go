package demo

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// culture is a stock of given and family names that go together.
type culture struct{ given, family string }

// cultures returns names from many parts of the world. Whoever comes out of
// them is invented.
func cultures() []culture {
	return []culture{
		{"Astrid Søren Freja Mikkel Ingrid Lærke Torsten Signe Emil Karin", "Bjørnstad Lund Østergaard Holmgren Nygård Solberg Ahlström Vestergaard Dahl Åkesson"},
		{"Chidi Ngozi Emeka Adaeze Tunde Yewande Ifeoma Segun Zainab Obinna", "Okonkwo Adeyemi Balogun Eze Onyeka Abiola Danjuma Ojo Uche Bello"},
		{"Lucía Mateo Ximena Joaquín Camila Andrés Valentina Ramón Itzel Benicio", "Ibáñez Cordero Peñaloza Villaseñor Montiel Aguirre Zúñiga Lozada Quintero Beltrán"},
		{"Ananya Rohan Kavya Arjun Meera Vikram Divya Kiran Sanjay Lakshmi", "Iyer Deshpande Chatterjee Malhotra Nair Banerjee Kulkarni Reddy Joshi Pillai"},
		{"Élodie Théo Camille Bastien Maëlle Rémi Océane Gaël Solène Anaïs", "Lefèvre Rousselot Delacourt Bérard Chauvin Garnier Marchal Thibault Fauré Vasseur"},
		{"Haruka Daichi Sakura Ren Aoi Kenta Mio Takumi Nanami Sota", "Kuramoto Hayashida Onishi Tsukamoto Fujisaki Matsuno Ishibashi Nakahara Okuda Shirai"},
		{"Layla Karim Nour Tarek Rania Yusuf Salma Idris Huda Samir", "Mansouri Khoury Zaki Benali Shaheen Darwish Rahal Nasser Azzam Saleh"},
		{"Zofia Łukasz Agnieszka Paweł Katarzyna Wojciech Małgorzata Tomasz Hanna Jakub", "Wiśniewska Zieliński Kamiński Wójcik Dąbrowski Jabłoński Krawczyk Głowacki Sobczak Mazur"},
		{"Keoni Leilani Tane Mele Sione Hinemoa Rangi Moana Wiremu Litia", "Kealoha Tuilagi Parata Fonoti Kahale Waititi Taufa Ioane Rewi Latu"},
		{"Conor Aoife Rhys Niamh Callum Siobhán Ewan Bronwen Declan Eilidh", "Gallagher MacLeod Prichard Ó'Dálaigh Ferguson Kavanagh Llewellyn Drummond Byrne Sinclair"},
		{"Thandiwe Sipho Nomsa Lerato Bongani Zanele Thabo Ayanda Kagiso Palesa", "Dlamini Mokoena Khumalo Nkosi Mahlangu Sithole Molefe Zulu Radebe Ndlovu"},
		{"Elif Mert Zeynep Kaan Defne Emre Ayşe Onur Selin Barış", "Yıldız Öztürk Çelik Aydın Şahin Koç Güneş Arslan Erdoğdu Kılıç"},
		{"Linh Minh Thảo Quang Ngọc Hiếu Trang Khoa Mai Đức", "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ"},
		{"Giulia Matteo Chiara Lorenzo Alessia Niccolò Beatrice Dario Ilaria Fabio", "Bellandi Morosini Ricciardi Fontanella Galvani Serafini Donati Marchetti Bonfiglio Orsini"},
		{"Greta Felix Klara Lukas Frieda Anton Mathilda Jürgen Käthe Björn", "Schröder Weißhaupt Böhmke Krüger Vogelsang Lindemann Jäger Hoffrichter Brandstätter Pfeiffer"},
		{"Nikos Eleni Stavros Despina Yannis Katerina Petros Ioanna Alexis Sofia", "Papadakis Vlachos Karras Mitsopoulou Stamatis Laskaris Economou Zervas Manousaki Galanis"},
	}
}

// posts are what the crowd works as, as "title|department".
var posts = []string{
	"First Officer|Flight Deck", "Cabin Crew|Cabin", "Licensed Engineer|Engineering", "Gate Agent|Ground Services",
	"Purser|Cabin", "Load Planner|Operations", "Dispatcher|Operations", "Captain|Flight Deck", "Accountant|Finance",
	"Ramp Agent|Ground Services", "Recruiter|People", "Software Engineer|Technology", "Revenue Analyst|Commercial",
	"Safety Auditor|Safety", "Cabin Crew|Cabin", "Sheet Metal Worker|Engineering", "Customer Agent|Commercial",
	"Paralegal|Legal", "Line Mechanic|Engineering", "Crew Scheduler|Operations",
}

// newCrowd returns n invented people, always the same ones: most with a drawn
// photo, some without, a few without a mailbox, with one on premises, or
// guests.
func newCrowd(n int) []*person {
	stock := cultures()
	all := make([]*person, 0, n)
	for i := range n {
		from := stock[i%len(stock)]
		given, family := strings.Fields(from.given), strings.Fields(from.family)
		round := i / len(stock)
		// Given and family names move at different speeds, so that nobody is there twice.
		name, surname := given[round%len(given)], family[(3*round+round/len(given))%len(family)]
		title, department, _ := strings.Cut(posts[(7*i+round)%len(posts)], "|")
		p := person{seed: uint64(100 + i), bare: i%9 == 4}
		upn := transliterate(name) + "." + transliterate(surname)
		switch {
		case i%53 == 11:
			p.account = withoutMailbox
		case i%37 == 23:
			p.account = onPremises
		case i%61 == 40:
			p.account, title, department = guest, "Contractor", ""
			upn += "_harbour.example#EXT#"
		}
		all = append(all, newPerson(p, name+" "+surname, upn+homeDomain, title, department))
	}
	return all
}

// german are the letters that German spells with two where it has no umlauts.
var german = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue")

// letters are those that no Unicode form takes apart.
var letters = strings.NewReplacer("ß", "ss", "ø", "o", "Ø", "o", "ł", "l", "Ł", "l", "đ", "d", "Đ", "d", "æ", "ae", "Æ", "ae", "ı", "i", "þ", "th", "ð", "d")

// bareLetters returns s in lower case without accents: what a search compares.
func bareLetters(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(letters.Replace(s)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// transliterate returns name as it stands in an address.
func transliterate(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, bareLetters(german.Replace(name)))
}
