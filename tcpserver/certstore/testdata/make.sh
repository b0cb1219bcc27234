#!/bin/sh
# Makes the fixtures of this directory with the programs that users have.
# Debian packages: openssl, openssh-client, putty-tools, default-jdk-headless,
# nodejs, mono-mcs, libbcprov-java, libbcpkix-java, libbcutil-java. Run it in this directory; it
# replaces everything. The keys are for tests only.
set -eu
cd "$(dirname "$0")"
rm -f ./*.xml ./*.jwk ./*.pem ./*.der ./*.p12 ./*.jks ./*.bcfks ./*.p7b ./*.ppk ./*.pub ./*.ssh ./*.key ./*.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pw=secret

# An authority, an intermediate authority, and a server and a client below it.
cat >"$work/ext" <<EOF
[ca]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
[server]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=DNS:server.example,DNS:*.server.example,IP:192.0.2.1,IP:2001:db8::1,email:admin@server.example,URI:https://server.example/
[client]
keyUsage=digitalSignature
extendedKeyUsage=clientAuth
EOF
sign() { # name, subject, section, issuer, serial
	openssl req -new -key "$work/$1.key" -subj "$2" -out "$work/$1.csr"
	openssl x509 -req -in "$work/$1.csr" -CA "$work/$4.pem" -CAkey "$work/$4.key" -set_serial "$5" \
		-days 36500 -sha256 -extfile "$work/ext" -extensions "$3" -out "$work/$1.pem" 2>/dev/null
}
openssl genrsa -out "$work/root.key" 2048 2>/dev/null
openssl req -new -x509 -key "$work/root.key" -subj "/C=US/O=Test/CN=Test Root" -days 36500 -set_serial 1 \
	-addext keyUsage=critical,keyCertSign,cRLSign -out "$work/root.pem"
openssl ecparam -name prime256v1 -genkey -noout -out "$work/middle.key"
sign middle "/C=US/O=Test/CN=Test Intermediate" ca root 2
openssl genrsa -out "$work/server.key" 2048 2>/dev/null
sign server "/CN=server.example/O=Example, Inc./OU=test/L=Springfield/ST=Ohio/C=US/emailAddress=admin@server.example" server middle 0x0a1b2c3d
openssl ecparam -name prime256v1 -genkey -noout -out "$work/client.key"
sign client "/CN=client/O=Example" client middle 4
openssl genpkey -algorithm ed25519 -out "$work/ed.key"
openssl req -new -x509 -key "$work/ed.key" -subj "/CN=ed.example" -days 36500 -set_serial 5 -out "$work/ed.pem"
cat "$work/middle.pem" "$work/root.pem" >"$work/above.pem"

# Certificates and public keys.
cp "$work/root.pem" root.pem
cp "$work/server.pem" server.pem
openssl x509 -in server.pem -outform DER -out server.der
openssl x509 -in server.pem -pubkey -noout >server-public.pem
openssl pkey -pubin -in server-public.pem -outform DER -out server-public.der
openssl x509 -in server.pem -trustout -addtrust serverAuth -out server-trusted.pem
openssl x509 -in server.pem -noout -fingerprint -md5 >server-fingerprints.txt
openssl x509 -in server.pem -noout -fingerprint -sha1 >>server-fingerprints.txt
openssl x509 -in server.pem -noout -fingerprint -sha256 >>server-fingerprints.txt

# Private keys in PEM, with and without a password, old and new.
{ cat "$work/server.pem" "$work/above.pem"; openssl pkey -in "$work/server.key"; } >server-chain.key
openssl pkey -in "$work/server.key" -outform DER -out server-key.der
openssl rsa -in "$work/server.key" -traditional -out rsa-pkcs1.key 2>/dev/null
openssl rsa -in "$work/server.key" -traditional -aes128 -passout "pass:$pw" -out rsa-dek-aes.key 2>/dev/null
openssl rsa -in "$work/server.key" -traditional -des3 -passout "pass:$pw" -out rsa-dek-3des.key 2>/dev/null
openssl pkcs8 -topk8 -in "$work/server.key" -passout "pass:$pw" -out rsa-pbes2.key
openssl pkcs8 -topk8 -in "$work/server.key" -passout "pass:$pw" -scrypt -scrypt_N 1024 -out rsa-scrypt.key
openssl pkcs8 -topk8 -in "$work/server.key" -passout "pass:$pw" -v2 des3 -v2prf hmacWithSHA1 -out rsa-pbes2-3des.key
openssl pkcs8 -topk8 -in "$work/server.key" -passout "pass:$pw" -v1 PBE-SHA1-3DES -out rsa-pbe-3des.key
openssl pkcs8 -topk8 -in "$work/server.key" -passout "pass:$pw" -v1 PBE-SHA1-RC4-128 -provider legacy -provider default -out rsa-pbe-rc4.key
openssl pkcs8 -topk8 -in "$work/server.key" -passout "pass:$pw" -v1 PBE-MD5-DES -provider legacy -provider default -out rsa-pbe-md5-des.key
openssl pkcs8 -topk8 -in "$work/server.key" -passout "pass:$pw" -outform DER -out rsa-pbes2.der
cp "$work/client.key" ec-sec1.key
openssl ec -in "$work/client.key" -aes256 -passout "pass:$pw" -out ec-dek-aes.key 2>/dev/null
{ cat "$work/client.pem"; openssl pkey -in "$work/client.key"; } >client.key
{ cat "$work/ed.pem" "$work/ed.key"; } >ed25519.key
{ cat "$work/client.pem"; openssl pkey -in "$work/server.key"; } >mismatch.key

# PKCS#12: new and old algorithms, without MAC, certificates only, two keys.
p12() { openssl pkcs12 -export -passout "pass:$pw" -inkey "$work/server.key" -in "$work/server.pem" -certfile "$work/above.pem" -name "server key" "$@"; }
p12 -out new.p12
p12 -legacy -out old.p12
p12 -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-128 -provider legacy -provider default -macalg sha1 -out rc2-128.p12
p12 -keypbe AES-128-CBC -certpbe AES-192-CBC -macalg sha512 -out aes128.p12
p12 -keypbe NONE -certpbe NONE -out plain.p12
p12 -nomac -out nomac.p12
openssl pkcs12 -export -passout pass: -inkey "$work/server.key" -in "$work/server.pem" -out empty-password.p12
openssl pkcs12 -export -passout "pass:pässwörd€" -inkey "$work/client.key" -in "$work/client.pem" -out unicode-password.p12
openssl pkcs12 -export -passout "pass:$pw" -nokeys -in "$work/above.pem" -out certificates.p12
openssl pkcs12 -export -passout "pass:$pw" -inkey "$work/ed.key" -in "$work/ed.pem" -out ed25519.p12
openssl pkcs12 -export -passout "pass:$pw" -inkey "$work/client.key" -in "$work/client.pem" -name client -certfile "$work/above.pem" -out "$work/client.p12"

# Java key stores, by keytool.
java_import() { # from, alias, to, type, further options
	from=$1 alias=$2 to=$3 type=$4
	shift 4
	keytool -importkeystore -noprompt -srckeystore "$from" -srcstoretype PKCS12 -srcstorepass "$pw" -srcalias "$alias" \
		-destalias "$alias" -destkeystore "$to" -deststoretype "$type" -deststorepass "$pw" "$@" 2>/dev/null
}
openssl pkcs12 -export -passout "pass:$pw" -inkey "$work/server.key" -in "$work/server.pem" -certfile "$work/above.pem" -name server -out "$work/server.p12"
java_import "$work/server.p12" server server.jks JKS
keytool -importcert -noprompt -keystore server.jks -storepass "$pw" -storetype JKS -alias authority -file "$work/root.pem" 2>/dev/null
java_import "$work/server.p12" server key-password.jks JKS -destkeypass other-secret
java_import "$work/server.p12" server two-keys.p12 PKCS12
java_import "$work/client.p12" client two-keys.p12 PKCS12
keytool -importcert -noprompt -keystore two-keys.p12 -storepass "$pw" -storetype PKCS12 -alias authority -file "$work/root.pem" 2>/dev/null
java_import "$work/server.p12" server jceks.jks JCEKS

# BCFKS, by Bouncy Castle.
cp=/usr/share/java/bcprov.jar:/usr/share/java/bcutil.jar:/usr/share/java/bcpkix.jar
javac -cp "$cp" -d "$work" BCFKS.java
java -cp "$cp:$work" BCFKS "$work/server.p12" "$pw" server.bcfks "$pw" ccm
java -cp "$cp:$work" BCFKS "$work/server.p12" "$pw" server-kwp.bcfks "$pw" kwp
keytool -importkeystore -noprompt -srckeystore "$work/client.p12" -srcstoretype PKCS12 -srcstorepass "$pw" \
	-destkeystore client.bcfks -deststoretype BCFKS -deststorepass "$pw" \
	-providerclass org.bouncycastle.jce.provider.BouncyCastleProvider -providerpath /usr/share/java/bcprov.jar 2>/dev/null

# PKCS#7.
openssl crl2pkcs7 -nocrl -certfile "$work/server.pem" -certfile "$work/above.pem" -out chain.p7b
openssl crl2pkcs7 -nocrl -certfile "$work/server.pem" -certfile "$work/above.pem" -outform DER -out chain-der.p7b

# OpenSSH and PuTTY.
ssh() { # name, type, options
	name=$1 type=$2
	shift 2
	ssh-keygen -q -N "" -C "$name@example" -t "$type" -f "$work/$name" "$@"
	cp "$work/$name.pub" "ssh-$name.pub"
	ssh-keygen -l -E md5 -f "$work/$name.pub" >>ssh-fingerprints.txt
}
ssh rsa rsa -b 2048
ssh ecdsa ecdsa -b 256
ssh ecdsa384 ecdsa -b 384
ssh ecdsa521 ecdsa -b 521
ssh ed25519 ed25519
for t in rsa ecdsa ed25519; do
	ssh-keygen -e -m RFC4716 -f "$work/$t.pub" >"ssh-$t-rfc4716.pub"
	cp "$work/$t" "openssh-$t.key"
	cp "$work/$t" "$work/locked-$t"
	chmod 600 "$work/locked-$t"
	ssh-keygen -q -a 4 -p -P "" -N "$pw" -f "$work/locked-$t"
	cp "$work/locked-$t" "openssh-$t-password.key"
done
printf %s "$pw" >"$work/pw"
for t in rsa ecdsa ecdsa384 ecdsa521 ed25519; do
	puttygen "$work/$t" -O private --ppk-param version=2 -o "v2-$t.ppk"
	puttygen "$work/$t" -O private --ppk-param version=3 -o "v3-$t.ppk"
done
for t in rsa ecdsa ed25519; do
	puttygen "$work/$t" -O private --ppk-param version=2 --new-passphrase "$work/pw" -o "v2-$t-password.ppk"
	puttygen "$work/$t" -O private --ppk-param version=3,passes=3,memory=1024 --new-passphrase "$work/pw" -o "v3-$t-password.ppk"
done
puttygen "$work/ed25519" -O private --ppk-param version=3,kdf=argon2i,passes=3,memory=1024 --new-passphrase "$work/pw" -o v3-argon2i.ppk
puttygen "$work/ed25519" -O private --ppk-param version=3,kdf=argon2d,passes=3,memory=1024 --new-passphrase "$work/pw" -o v3-argon2d.ppk

# JSON Web Keys, by Node.
for t in server client ed; do
	node -e 'const c=require("crypto"),f=require("fs");process.stdout.write(JSON.stringify(c.createPrivateKey(f.readFileSync(process.argv[1])).export({format:"jwk"})))' \
		"$work/$t.key" >"$t.jwk"
done
node -e 'const c=require("crypto"),f=require("fs");process.stdout.write(JSON.stringify({keys:process.argv.slice(1).map((n,i)=>({kid:"key"+i,...c.createPublicKey(f.readFileSync(n)).export({format:"jwk"})}))}))' \
	"$work/server.key" "$work/client.key" "$work/ed.key" >public-set.jwk

# XML, by Mono, whose RSA class is .NET's.
mcs -out:"$work/xml.exe" RSAXML.cs
for what in private public; do
	mono "$work/xml.exe" "$(openssl pkey -in "$work/server.key" -outform DER -traditional | base64 -w0)" "$what" >"rsa-$what.xml"
done
chmod 644 ./*
chmod 755 make.sh
