import { spawn } from 'node:child_process';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../../../local-cluster/until.ts';
import { Clocks } from './clocks.ts';

it('shifts the clock of the running processes of one region, and restores it', async () => {
	const clocks = new Clocks();
	const env = { PATH: process.env.PATH, ...clocks.envOf('eu') };
	clocks.envOf('us');
	const program = 'setInterval(() => console.log(Date.now()), 20)';
	const child = spawn(process.execPath, [...clocks.nodeFlags, '--eval', program], { env });
	onTestFinished(() => {
		child.kill();
		clocks.remove();
	});
	let aheadMs = Number.NaN;
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		aheadMs = Number(text.trim().split('\n').at(-1)) - Date.now();
	});
	await until(() => Math.abs(aheadMs) < 1_000, { what: 'the clock' });
	clocks.shift('us', 20_000);
	clocks.shift('eu', -10_000);
	await until(() => Math.abs(aheadMs + 10_000) < 1_000, { what: 'the clock to be behind' });
	clocks.restore();
	await until(() => Math.abs(aheadMs) < 1_000, { what: 'the clock to be right' });
	expect(child.exitCode).toBeNull();
});
