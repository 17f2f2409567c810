import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { unusedUrl } from './stream-server.ts';

const ENTRY = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** A page or server that handles no rejection, and whose listeners throw. */
const careless = (url: string) => `
	import { EventSource } from 'eventsource';
	import { createClient } from ${JSON.stringify(ENTRY)};
	globalThis.EventSource = EventSource;
	const live = createClient({ url: '${url}' });
	const throws = () => { throw new Error('of a listener'); };
	live.on('state', throws);
	const video = live.video('v1');
	const conversation = live.conversation('c1');
	const write = () => {
		video.like();
		video.like('no reaction');
		video.comment('');
		video.deleteComment('no id');
		video.likeComment('no id');
		conversation.read('m1');
		conversation.delivered('m1');
	};
	write();
	live.close();
	write();
	setImmediate(() => console.log('lives'));
`;

it('ends no Node process, whatever its callers do not handle', async () => {
	const script = careless(await unusedUrl());
	const { outputFiles } = await build({
		stdin: { contents: script, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
		bundle: true,
		write: false,
		format: 'esm',
		platform: 'node',
	});
	const code = outputFiles[0]?.text ?? '';
	const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
	expect(stdout).toBe('lives\n');
	expect(stderr).toContain('of a listener');
});
