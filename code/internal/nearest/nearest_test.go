package nearest

import "testing"

func TestNearestIsWhatWasProbablyMeant(t *testing.T) {
	commands := []string{"run", "create", "start", "stop", "rm", "ps", "inspect", "images", "exec", "logs"}
	for word, want := range map[string]string{
		"rnu": "run", "runn": "run", "satrt": "start", "stpo": "stop", "image": "images", "log": "logs", "exce": "exec",
		"RUN": "run", "Imaegs": "images", "inspekt": "inspect", "creaet": "create", "pss": "ps",
		"": "", "x": "", "volume": "", "kubernetes": "", "xy": "",
	} {
		if got := To(word, commands); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
}

func TestDistanceCountsTypingMistakes(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"web", "web", 0}, {"web", "wbe", 1}, {"web", "we", 1}, {"web", "wweb", 1}, {"web", "wet", 1},
		{"web", "", 3}, {"ewe", "wee", 1}, {"schäfchen", "schafchen", 1}, {"ca", "abc", 3}, {"memory", "mmeroy", 2},
	} {
		if got := distance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("distance of %q and %q is %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance([]rune(c.b), []rune(c.a)); got != c.want {
			t.Errorf("distance of %q and %q is %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestHintEndsAnError(t *testing.T) {
	if got := Hint("rnu", []string{"run"}); got != `; did you mean "run"?` {
		t.Errorf("the hint is %q", got)
	}
	if got := Hint("volume", []string{"run"}); got != "" {
		t.Errorf("the hint is %q", got)
	}
}
