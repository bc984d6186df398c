package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// filling hands out what is filled into the fields of a template. Fillings of
// one family have equal fields where keep says so: each field of each filling is
// the family's own with that probability, and otherwise this filling's.
type filling struct {
	family uint64
	number uint64 // 0 is what the fields have in common
	keep   float64
	field  uint64
}

// next is the random source of the next field.
func (f *filling) next() *rand.Rand {
	f.field++
	number := f.number
	if rand.New(rand.NewPCG(f.family^0x5bd1e995, f.field<<20^f.number)).Float64() < f.keep {
		number = 0
	}
	return rand.New(rand.NewPCG(f.family*0x9e3779b97f4a7c15+f.field, number))
}

// own is the source of a field that no two fillings have in common.
func (f *filling) own() *rand.Rand {
	f.field++
	return rand.New(rand.NewPCG(f.family*0x9e3779b97f4a7c15+f.field, f.number))
}

func (f *filling) words(low, high int) []string      { return sentenceWords(f.next(), low, high) }
func (f *filling) line(low, high int) string         { return strings.Join(f.words(low, high), " ") }
func (f *filling) title(low, high int) string        { return title(f.next(), low, high) }
func (f *filling) name() string                      { return name(f.next()) }
func (f *filling) date() string                      { return date(f.next()) }
func (f *filling) amount() string                    { return amount(f.next()) }
func (f *filling) count(low, high int) int           { return low + f.next().IntN(high-low+1) }
func (f *filling) between(low, high float64) float64 { return between(f.next(), low, high) }

var plain = strings.Fields(`the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were all
her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may
first then do any like my now over such our man me even most made after also did many off before must well back through years where much your way down should
because long each just state those people how too little world year work great life day made house under place water again never small number part found still
between name always home hand away road line town while street next room children city market river second since money open ground light field paper morning
garden window table summer letter order winter kitchen station picture report meeting project account customer delivery invoice service system result quarter
budget product research figure section process member service value price total amount der die und das mit für nicht eine Rechnung Termin Straße Haus Arbeit
Woche Monat bitte danke heute morgen Lieferung Menge Preis Gesamt le la les des une pour dans avec merci bonjour maison jour rue vente prix nous vous`)

var syllables = strings.Fields(`ba ber car den el fa gor han is jo kal lin mo nar ol per qui ran sol tur ul ven wis xan yor zel tra sto ple gra shi men tor fel lan dor vik pra`)

func word(r *rand.Rand) string {
	if r.IntN(5) > 0 {
		return plain[r.IntN(len(plain))]
	}
	var b strings.Builder
	for range 2 + r.IntN(3) {
		b.WriteString(syllables[r.IntN(len(syllables))])
	}
	return b.String()
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// sentenceWords are so many words with capitals and stops.
func sentenceWords(r *rand.Rand, low, high int) []string {
	out := make([]string, low+r.IntN(high-low+1))
	start := true
	for i := range out {
		w := word(r)
		if start {
			w = capital(w)
		}
		start = i == len(out)-1 || r.IntN(11) == 0
		switch {
		case start:
			w += "."
		case r.IntN(12) == 0:
			w += ","
		}
		out[i] = w
	}
	return out
}

func title(r *rand.Rand, low, high int) string {
	var out []string
	for range low + r.IntN(high-low+1) {
		out = append(out, capital(word(r)))
	}
	return strings.Join(out, " ")
}

func name(r *rand.Rand) string {
	part := func() string {
		s := ""
		for range 2 + r.IntN(2) {
			s += syllables[r.IntN(len(syllables))]
		}
		return capital(s)
	}
	return part() + " " + part()
}

func date(r *rand.Rand) string {
	d, m, y := 1+r.IntN(28), 1+r.IntN(12), 1998+r.IntN(27)
	switch r.IntN(3) {
	case 0:
		return fmt.Sprintf("%02d.%02d.%d", d, m, y)
	case 1:
		return fmt.Sprintf("%d-%02d-%02d", y, m, d)
	}
	return fmt.Sprintf("%d %s %d", d, months[m-1], y)
}

var months = strings.Fields("January February March April May June July August September October November December")
var weekdays = strings.Fields("Mon Tue Wed Thu Fri Sat Sun")

func amount(r *rand.Rand) string {
	v := r.Float64() * one(r, 20.0, 300, 5000, 90000)
	return fmt.Sprintf("%.2f", v)
}

func fileName(r *rand.Rand) string {
	base := one(r, word(r)+"_"+word(r), title(r, 1, 3), fmt.Sprintf("%s%04d", one(r, "IMG_", "DSC", "scan", "doc-"), r.IntN(10000)))
	return base + one(r, ".pdf", ".docx", ".jpg", ".png", ".xlsx", ".txt", ".zip", ".mp3", "")
}
