import { describe, expect, it } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { ATTACKS } from './attacks.ts';

const attack = (...args: string[]) => runCommand('e2e/attacks/main.ts', ...args);

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
