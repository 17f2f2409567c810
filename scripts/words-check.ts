import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './packed-packages.ts';
import { halfDocstringsIn, replacedWordsIn } from './words.ts';

/** Every file is checked but generated text, licences, pictures, and the list itself. */
const UNCHECKED =
	/^docs\/api\/|^package-lock\.json$|LICENSE|CHANGELOG|^scripts\/words|\.(?:jpg|mp4|png|webm|webp|woff2)$/;

const CODE = /\.(?:[cm]?[jt]sx?|[ch])$/;

const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
	cwd: ROOT,
	encoding: 'utf8',
});

// The index also names files that were removed since.
const files = listed.split('\0').filter((name) => name !== '' && !UNCHECKED.test(name) && existsSync(join(ROOT, name)));

for (const file of files) {
	const text = readFileSync(join(ROOT, file), 'utf8');
	const halves = CODE.test(file) ? halfDocstringsIn(file, text) : [];
	for (const finding of [...replacedWordsIn(file, text), ...halves]) {
		console.error(finding);
		process.exitCode = 1;
	}
}
