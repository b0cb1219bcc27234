// Writes an RSA key in the XML form of .NET. Arguments: PKCS#1 key in Base64,
// "private" or "public".
using System;
using System.IO;
using System.Security.Cryptography;

class RSAXML {
    static byte[] data;
    static int at;

    static int Length() {
        int n = data[at++];
        if (n < 0x80) return n;
        int v = 0;
        for (int i = n & 0x7f; i > 0; i--) v = v << 8 | data[at++];
        return v;
    }

    static byte[] Integer(int size) {
        at++;
        int n = Length();
        byte[] v = new byte[size == 0 ? (data[at] == 0 ? n - 1 : n) : size];
        int from = at + Math.Max(0, n - v.Length);
        int have = Math.Min(n, v.Length);
        Array.Copy(data, from, v, v.Length - have, have);
        at += n;
        return v;
    }

    static void Main(string[] a) {
        data = Convert.FromBase64String(a[0]);
        at++;
        Length();
        Integer(0);
        RSAParameters p = new RSAParameters();
        p.Modulus = Integer(0);
        int half = p.Modulus.Length / 2;
        p.Exponent = Integer(0);
        p.D = Integer(p.Modulus.Length);
        p.P = Integer(half);
        p.Q = Integer(half);
        p.DP = Integer(half);
        p.DQ = Integer(half);
        p.InverseQ = Integer(half);
        RSACryptoServiceProvider rsa = new RSACryptoServiceProvider();
        rsa.ImportParameters(p);
        Console.WriteLine(rsa.ToXmlString(a[1] == "private"));
    }
}
