// Writes a BCFKS key store with Bouncy Castle's own provider.
// Arguments: PKCS#12 file, its password, output, password, "ccm" or "kwp".
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.security.Key;
import java.security.KeyStore;
import java.security.Security;
import java.util.Collections;
import org.bouncycastle.crypto.util.PBKDF2Config;
import org.bouncycastle.crypto.util.ScryptConfig;
import org.bouncycastle.jcajce.BCFKSLoadStoreParameter;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

public class BCFKS {
    public static void main(String[] a) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        KeyStore from = KeyStore.getInstance("PKCS12");
        try (FileInputStream in = new FileInputStream(a[0])) {
            from.load(in, a[1].toCharArray());
        }
        KeyStore to = KeyStore.getInstance("BCFKS", "BC");
        FileOutputStream out = new FileOutputStream(a[2]);
        BCFKSLoadStoreParameter.Builder how = new BCFKSLoadStoreParameter.Builder(out, a[3].toCharArray());
        if (a[4].equals("kwp")) {
            how.withStoreEncryptionAlgorithm(BCFKSLoadStoreParameter.EncryptionAlgorithm.AES256_KWP);
            how.withStorePBKDFConfig(new ScryptConfig.Builder(1024, 8, 1).withSaltLength(16).build());
        } else {
            how.withStorePBKDFConfig(new PBKDF2Config.Builder()
                .withPRF(PBKDF2Config.PRF_SHA512).withIterationCount(2048).withSaltLength(64).build());
        }
        to.load(null, null);
        for (String alias : Collections.list(from.aliases())) {
            Key key = from.getKey(alias, a[1].toCharArray());
            if (key != null) {
                to.setKeyEntry(alias, key, a[3].toCharArray(), from.getCertificateChain(alias));
            } else {
                to.setCertificateEntry(alias, from.getCertificate(alias));
            }
        }
        to.setCertificateEntry("authority", from.getCertificateChain("server")[1]);
        if (a[4].equals("kwp")) {
            to.store(how.build());
        } else {
            to.store(out, a[3].toCharArray());
        }
        out.close();
    }
}
