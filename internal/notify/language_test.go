package notify

import (
	"fmt"
	"sync"
	"testing"
)

func TestLanguageIsGuessedOnlyWhenPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "ok": "", "12345 67890 12345": "",
		"The quick brown fox jumps over the lazy dog and runs away from it.":             "eng",
		"Guten Morgen, ich hoffe, es geht Ihnen heute gut und Sie haben gut geschlafen.": "deu",
	} {
		for range 2 { // guessed, then remembered
			if got := language(text); got != want {
				t.Errorf("%q: %q, want %q", text, got, want)
			}
		}
	}
}

func TestGuessesAreForgottenInTime(t *testing.T) {
	t.Parallel()
	var b guessBook
	var talking sync.WaitGroup
	for i := range 4 {
		talking.Go(func() {
			for j := range rememberedTexts {
				b.of(fmt.Sprintf("%d %d", i, j))
			}
		})
	}
	talking.Wait()
	if n := len(b.young) + len(b.old); n > rememberedTexts {
		t.Errorf("%d texts are remembered, at most %d should be", n, rememberedTexts)
	}
}
