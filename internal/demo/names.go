package demo

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// culture is a stock of names that go together.
type culture struct{ women, men, family string }

// cultures are names from many parts of the world. Whoever comes out of them is
// invented.
var cultures = []culture{
	{"Astrid Freja Ingrid Lærke Signe", "Søren Mikkel Torsten Emil Håkon", "Bjørnstad Lund Østergaard Holmgren Nygård Solberg Ahlström Vestergaard Dahl Åkesson"},
	{"Ngozi Adaeze Yewande Ifeoma Zainab", "Chidi Emeka Tunde Segun Obinna", "Okonkwo Adeyemi Balogun Eze Onyeka Abiola Danjuma Ojo Uche Bello"},
	{"Lucía Ximena Camila Valentina Itzel", "Mateo Joaquín Andrés Ramón Benicio", "Ibáñez Cordero Peñaloza Villaseñor Montiel Aguirre Zúñiga Lozada Quintero Beltrán"},
	{"Ananya Kavya Meera Divya Lakshmi", "Rohan Arjun Vikram Kiran Sanjay", "Iyer Deshpande Chatterjee Malhotra Nair Banerjee Kulkarni Reddy Joshi Pillai"},
	{"Élodie Camille Maëlle Océane Solène", "Théo Bastien Rémi Gaël Corentin", "Lefèvre Rousselot Delacourt Bérard Chauvin Garnier Marchal Thibault Fauré Vasseur"},
	{"Haruka Sakura Aoi Mio Nanami", "Daichi Ren Kenta Takumi Sota", "Kuramoto Hayashida Onishi Tsukamoto Fujisaki Matsuno Ishibashi Nakahara Okuda Shirai"},
	{"Layla Nour Rania Salma Huda", "Karim Tarek Yusuf Idris Samir", "Mansouri Khoury Zaki Benali Shaheen Darwish Rahal Nasser Azzam Saleh"},
	{"Zofia Agnieszka Katarzyna Małgorzata Hanna", "Łukasz Paweł Wojciech Tomasz Jakub", "Nowak Mazur Wójcik Sobczak Krawczyk Pawlak Wróbel Kaczmarek Zając Kołodziej"},
	{"Leilani Mele Hinemoa Moana Litia", "Keoni Tane Sione Rangi Wiremu", "Kealoha Tuilagi Parata Fonoti Kahale Waititi Taufa Ioane Rewi Latu"},
	{"Aoife Niamh Siobhán Bronwen Eilidh", "Conor Rhys Callum Ewan Declan", "Gallagher MacLeod Prichard Ó'Dálaigh Ferguson Kavanagh Llewellyn Drummond Byrne Sinclair"},
	{"Thandiwe Nomsa Lerato Zanele Palesa", "Sipho Bongani Thabo Ayanda Kagiso", "Dlamini Mokoena Khumalo Nkosi Mahlangu Sithole Molefe Zulu Radebe Ndlovu"},
	{"Elif Zeynep Defne Ayşe Selin", "Mert Kaan Emre Onur Barış", "Yıldız Öztürk Çelik Aydın Şahin Koç Güneş Arslan Erdoğdu Kılıç"},
	{"Linh Thảo Ngọc Trang Mai", "Minh Quang Hiếu Khoa Đức", "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ"},
	{"Giulia Chiara Alessia Beatrice Ilaria", "Matteo Lorenzo Niccolò Dario Fabio", "Bellandi Morosini Ricciardi Fontanella Galvani Serafini Donati Marchetti Bonfiglio Orsini"},
	{"Greta Klara Frieda Mathilda Käthe", "Felix Lukas Anton Jürgen Björn", "Schröder Weißhaupt Böhmke Krüger Vogelsang Lindemann Jäger Hoffrichter Brandstätter Pfeiffer"},
	{"Eleni Despina Katerina Ioanna Sofia", "Nikos Stavros Yannis Petros Alexis", "Economou Samaras Kyriakou Galanis Zervas Pappas Karras Vlachou Manousos Doukas"},
}

// nameAt returns the name with the number, and a seed from from on with whose
// portrait it goes. The first 800 are all different.
func nameAt(i int, from uint64) (given, family string, seed uint64) {
	stock := cultures[i%len(cultures)]
	round := i / len(cultures)
	all := strings.Fields(stock.women)
	if i%2 == round%2 {
		all = strings.Fields(stock.men)
	}
	families := strings.Fields(stock.family)
	// Given and family names move at different speeds, so that nobody is there twice.
	given, family = all[round/2%len(all)], families[(3*round+round/len(families))%len(families)]
	for seed = from; !lookFrom(seed).suits(i%2 != round%2); {
		seed += 1000
	}
	return given, family, seed
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
	all := make([]*person, 0, n)
	for i := range n {
		given, family, seed := nameAt(i, uint64(100+i))
		title, department, _ := strings.Cut(posts[(7*i+i/len(cultures))%len(posts)], "|")
		p := person{seed: seed, bare: i%9 == 4}
		upn := transliterate(given) + "." + transliterate(family)
		switch {
		case i%53 == 11:
			p.account = withoutMailbox
		case i%37 == 23:
			p.account = onPremises
		case i%61 == 40:
			p.account, title, department = guest, "Contractor", ""
			upn += "_harbour.example#EXT#"
		}
		all = append(all, newPerson(p, given+" "+family, upn+homeDomain, title, department))
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
