import { join } from 'node:path';
import { entriesOf } from './api-report.ts';
import { undocumentedIn } from './docstrings.ts';
import { ROOT } from './packed-packages.ts';

const entries = ['protocol', 'sdk', 'server'].flatMap((name) => entriesOf(join(ROOT, name)));
const files = new Set(entries.map(({ types }) => types));
// Reports shared declarations once.
const seen = new Set<string>();

for (const { name, types } of entries) {
	for (const missing of undocumentedIn(types, files, seen)) {
		console.error(`${name}: ${missing.replace(ROOT, '')} has no docstring.`);
		process.exitCode = 1;
	}
}
