import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { shareGateway } from '../../gateway/test/gateway.ts';

const gateway = shareGateway();

const ENTRY = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** Runs a script in a Node of its own, which has no EventSource; returns what it printed once it has ended by itself. */
async function run(script: string): Promise<unknown> {
	const { outputFiles } = await build({
		stdin: {
			contents: `import { createClient } from ${JSON.stringify(ENTRY)};\n${script}`,
			resolveDir: fileURLToPath(new URL('.', import.meta.url)),
		},
		bundle: true,
		write: false,
		format: 'esm',
		platform: 'node',
	});
	const code = outputFiles[0]?.text ?? '';
	const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
	expect(stderr).toBe('');
	return JSON.parse(stdout);
}

it('a client that a server makes while it renders a page opens nothing, and keeps no process alive', async () => {
	const result = await run(`
		const live = createClient({ url: '${gateway().url}' });
		const video = live.video('v1');
		video.on('totals', () => {});
		const history = [];
		for await (const comment of video.comments()) history.push(comment);
		const liked = await video.like().catch(({ code }) => code);
		console.log(JSON.stringify({ state: live.state, totals: video.totals, history, liked }));`);
	expect(result).toEqual({ state: 'connecting', totals: {}, history: [], liked: 'invalid_option' });
});

it('a client of a Node process that sets an EventSource later is live from then on', async () => {
	const result = await run(`
		import { EventSource } from 'eventsource';
		const live = createClient({ url: '${gateway().url}' });
		globalThis.EventSource = EventSource;
		const { duplicate } = await live.video('v1').like();
		console.log(JSON.stringify({ state: live.state, duplicate }));
		live.close();`);
	expect(result).toEqual({ state: 'live', duplicate: false });
});
