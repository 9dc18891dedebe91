//go:build !vm

package registry

import (
	"reflect"
	"testing"
)

func TestChallenges(t *testing.T) {
	type parameters = map[string]string
	for header, want := range map[string][]challenge{
		"": nil,
		`Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="a/b:pull,push"`: {
			{"bearer", parameters{
				"realm": "https://auth.docker.io/token", "service": "registry.docker.io", "scope": "a/b:pull,push",
			}},
		},
		`bearer  REALM = "https://a/?b=c,d" , service=me`: {
			{"bearer", parameters{"realm": "https://a/?b=c,d", "service": "me"}},
		},
		`Basic realm="a \"quoted\" \\ word, Bearer"`: {{"basic", parameters{"realm": `a "quoted" \ word, Bearer`}}},
		`Negotiate, Basic realm=x, , Bearer realm="y"`: {
			{"negotiate", parameters{}}, {"basic", parameters{"realm": "x"}}, {"bearer", parameters{"realm": "y"}},
		},
		`Negotiate YWJj==, Bearer realm="y"`:    {{"negotiate", parameters{}}, {"bearer", parameters{"realm": "y"}}},
		`Negotiate Basic, Bearer realm="y"`:     {{"negotiate", parameters{}}, {"bearer", parameters{"realm": "y"}}},
		`Bearer realm=https://a/token`:          {{"bearer", parameters{"realm": "https://a/token"}}},
		`Bearer realm="x",realm="y"`:            {{"bearer", parameters{"realm": "x"}}},
		`Bearer realm=""`:                       {{"bearer", parameters{"realm": ""}}},
		`realm="nobody's"`:                      nil,
		`Bearer realm="never ends`:              {{"bearer", parameters{}}},
		`Bearer realm="ends with \`:             {{"bearer", parameters{}}},
		`Bearer realm="a"b`:                     {{"bearer", parameters{}}},
		`"quoted", Bearer realm="y"`:            {{"bearer", parameters{"realm": "y"}}},
		"Bearer\trealm=\"y\"":                   nil, // one space, says the RFC
		`Bearer realm="y", =, ==, a=, é="x", ,`: {{"bearer", parameters{"realm": "y"}}},
	} {
		if got := parseChallenges([]string{header}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, not %v", header, got, want)
		}
	}
	two := parseChallenges([]string{`Basic realm="x"`, `service="of nobody", Bearer realm="y"`})
	if want := []challenge{{"basic", parameters{"realm": "x"}},
		{"bearer", parameters{"realm": "y"}}}; !reflect.DeepEqual(two, want) {
		t.Errorf("two headers: %v, not %v", two, want)
	}
}

// FuzzChallenges reads what hostile servers might write: it ends, and what it finds can be written and read again.
func FuzzChallenges(f *testing.F) {
	for _, seed := range []string{`Bearer realm="https://a/b",service=c, Basic realm="\"\\"`, `Negotiate a==, x y=z`,
		`",\",`, `=`, "\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		found := parseChallenges([]string{header})
		written := ""
		for _, c := range found {
			written += "," + c.scheme + " "
			for name, value := range c.parameters {
				if !isToken(name) {
					t.Errorf("the name %q", name)
				}
				quoted := ""
				for index := range len(value) {
					quoted += `\` + value[index:index+1]
				}
				written += name + `="` + quoted + `",`
			}
		}
		if again := parseChallenges([]string{written}); len(found) > 0 && !reflect.DeepEqual(again, found) {
			t.Errorf("%q: %v; written as %q: %v", header, found, written, again)
		}
	})
}
