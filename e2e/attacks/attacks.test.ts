import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ATTACKS } from './attacks.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the attacks as `npm run attacks` does; resolves with the exit code and the output. */
function attack(...args: string[]): Promise<[number | null, string]> {
	const env = { ...process.env };
	delete env.NODE_OPTIONS;
	const command = ['--import', 'tsx', 'e2e/attacks/main.ts', ...args];
	const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
	onTestFinished(() => {
		child.kill('SIGTERM');
	});
	let written = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text: string) => {
			written += text;
		});
	}
	return new Promise((resolve) => {
		child.once('close', (code) => resolve([code, written]));
	});
}

describe('npm run attacks', () => {
	it('shows that a gateway and its viewers survive each attack', { timeout: 600_000 }, async () => {
		const [code, written] = await attack('--short');
		expect(code, written).toBe(0);
		for (const { name, short } of ATTACKS) if (short) expect(written).toMatch(new RegExp(`\\| ${name} .*\\| yes +\\|`));
	});

	it('lists the attacks', async () => {
		const [code, written] = await attack('--help');
		expect(code).toBe(0);
		for (const { name } of ATTACKS) expect(written).toContain(name);
	});
});
