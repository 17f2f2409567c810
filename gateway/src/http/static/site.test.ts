import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDirectory, removeDirectory } from '../../../test/temporary-directory.ts';
import { requestOf } from '../request.ts';
import { loadSite } from './site.ts';

const root = makeDirectory();
const build = pathToFileURL(`${root}/`);
for (const [folder, files] of Object.entries({
	public: { 'sdk.js': 'the SDK', 'element.js': 'the elements' },
	demo: { 'index.html': 'the demo' },
	own: { 'index.html': 'a site', 'sdk.js': 'a pinned SDK' },
})) {
	mkdirSync(join(root, folder));
	for (const [name, text] of Object.entries(files)) writeFileSync(join(root, folder, name), text);
}
afterAll(() => removeDirectory(root));

/** Returns what a site has at the root, and as `sdk.js` and `element.js`. */
function served(staticDir: string): (string | undefined)[] {
	const files = loadSite({ staticDir, build, logger: pino({ level: 'silent' }) });
	return ['/', '/sdk.js', '/element.js'].map((path) => {
		const body = files(requestOf('GET', path, []))?.body;
		return body && Buffer.from(body).toString();
	});
}

describe('loadSite', () => {
	it('serves the SDK with the demo, with a directory of the operator, and alone', () => {
		expect(served('')).toEqual(['the demo', 'the SDK', 'the elements']);
		expect(served(join(root, 'own'))).toEqual(['a site', 'a pinned SDK', 'the elements']);
		expect(served('none')).toEqual([undefined, 'the SDK', 'the elements']);
		expect(served(join(root, 'missing'))).toEqual([undefined, 'the SDK', 'the elements']);
	});
});
