package registry

import "strings"

// challenge is one way in that a server offers with a 401: a scheme, in small letters, and what one needs to know for
// it.
type challenge struct {
	scheme     string
	parameters map[string]string
}

// parseChallenges reads WWW-Authenticate (RFC 9110, 11.6.1). A comma stands between challenges, between the parameters
// of one, and inside quotes:
//
//	Negotiate, Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a:pull,push"
//
// What is neither a scheme nor a parameter is left out, as is the ticket that some schemes have in place of parameters.
func parseChallenges(headers []string) []challenge {
	var all []challenge
	for _, header := range headers {
		start := len(all) // a parameter belongs to a scheme of the same header
		for element := ""; header != ""; {
			element, header = cutElement(header)
			name, value, ok := parameter(element)
			if !ok {
				scheme, rest, _ := strings.Cut(element, " ")
				if !isToken(scheme) {
					continue
				}
				all = append(all, challenge{strings.ToLower(scheme), make(map[string]string)})
				name, value, ok = parameter(rest)
			}
			if ok && len(all) > start {
				if parameters := all[len(all)-1].parameters; parameters[name] == "" {
					parameters[name] = value
				}
			}
		}
	}
	return all
}

// cutElement cuts a list at its first comma that is not inside quotes.
func cutElement(list string) (element, rest string) {
	quoted := false
	for index := 0; index < len(list); index++ {
		switch letter := list[index]; {
		case letter == '"':
			quoted = !quoted
		case letter == '\\' && quoted:
			index++
		case letter == ',' && !quoted:
			return strings.Trim(list[:index], " \t"), list[index+1:]
		}
	}
	return strings.Trim(list, " \t"), ""
}

// parameter takes name=value or name="value" apart. In quotes a backslash stands before what is meant as it is. Outside
// of them addresses are not allowed, but some servers write them there.
func parameter(text string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(text, "=")
	name, value = strings.ToLower(strings.Trim(name, " \t")), strings.Trim(value, " \t")
	if !ok || !isToken(name) || value == "" || value[0] == '=' {
		return "", "", false
	}
	if value[0] != '"' {
		return name, value, !strings.ContainsAny(value, "\" \t")
	}
	var plain strings.Builder
	for index := 1; index < len(value); index++ {
		switch value[index] {
		case '"':
			return name, plain.String(), index == len(value)-1
		case '\\':
			if index++; index == len(value) {
				return "", "", false
			}
		}
		plain.WriteByte(value[index])
	}
	return "", "", false
}

// isToken reports whether a text is a name in a header (RFC 9110, 5.6.2).
func isToken(text string) bool {
	for index := range len(text) {
		letter := text[index]
		if letter <= ' ' || letter > '~' || strings.IndexByte(`"(),/:;<=>?@[\]{}`, letter) >= 0 {
			return false
		}
	}
	return text != ""
}
