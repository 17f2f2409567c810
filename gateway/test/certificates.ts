import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a certificate and its key, with their contents. */
export interface Certificate {
	readonly certFile: string;
	readonly keyFile: string;
	readonly cert: string;
	readonly key: string;
}

/** An authority for certificates of loopback, which openssl creates in a directory. */
export class Authority {
	readonly certificate: Certificate;
	readonly #directory: string;

	constructor(directory: string, name: string) {
		this.#directory = directory;
		const files = this.#files(name);
		this.#openssl(
			'req',
			'-x509',
			'-newkey',
			'rsa:2048',
			'-nodes',
			'-days',
			'2',
			'-subj',
			`/CN=${name}`,
			...outputs(files),
		);
		this.certificate = read(files);
	}

	/** Returns a signed certificate for 127.0.0.1, for servers and clients. */
	sign(name: string): Certificate {
		const files = this.#files(name);
		const [request, extensions] = [join(this.#directory, `${name}.csr`), join(this.#directory, `${name}.ext`)];
		writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
		this.#openssl(
			'req',
			'-newkey',
			'rsa:2048',
			'-nodes',
			'-subj',
			`/CN=${name}`,
			'-keyout',
			files.keyFile,
			'-out',
			request,
		);
		const { certFile, keyFile } = this.certificate;
		const signing = ['-CA', certFile, '-CAkey', keyFile, '-CAcreateserial', '-days', '2', '-extfile', extensions];
		this.#openssl('x509', '-req', '-in', request, ...signing, '-out', files.certFile);
		return read(files);
	}

	#files(name: string) {
		return { certFile: join(this.#directory, `${name}.pem`), keyFile: join(this.#directory, `${name}.key`) };
	}

	#openssl(...args: string[]): void {
		execFileSync('openssl', args, { stdio: 'pipe' });
	}
}

type Files = Pick<Certificate, 'certFile' | 'keyFile'>;

const outputs = ({ certFile, keyFile }: Files) => ['-keyout', keyFile, '-out', certFile];

const read = ({ certFile, keyFile }: Files): Certificate => ({
	certFile,
	keyFile,
	cert: readFileSync(certFile, 'utf8'),
	key: readFileSync(keyFile, 'utf8'),
});
