package sift

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

func makeMD5(argument string) (stepFunc, error)    { return makeHash(argument, md5.New) }
func makeSHA1(argument string) (stepFunc, error)   { return makeHash(argument, sha1.New) }
func makeSHA256(argument string) (stepFunc, error) { return makeHash(argument, sha256.New) }

func makeHash(argument string, newHash func() hash.Hash) (stepFunc, error) {
	if argument != "" {
		return nil, errNoArgument
	}
	return func(_ context.Context, data string, _ Limits) (string, error) {
		if data == "" {
			return "", nil
		}
		h := newHash()
		h.Write([]byte(data))
		return hex.EncodeToString(h.Sum(nil)), nil
	}, nil
}
