package kratos

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// Verifies tells whether the password has this hash. It knows the two formats
// that Kratos makes itself, bcrypt and argon2id; of any other it says no.
func (h Hash) Verifies(password string) bool {
	if strings.HasPrefix(string(h), "$argon2id$") {
		return verifyArgon2id(string(h), password)
	}
	return bcrypt.CompareHashAndPassword([]byte(h), []byte(password)) == nil
}

// verifyArgon2id reads $argon2id$v=19$m=65536,t=1,p=4$<salt>$<key>, in the
// encoding of the reference implementation.
func verifyArgon2id(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		return false
	}
	var memory, time uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &threads); err != nil || time == 0 || threads == 0 {
		return false
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	want, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, time, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}
