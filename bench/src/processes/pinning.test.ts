import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { start } from './child-processes.ts';
import {
	moveThisProcess,
	ownCores,
	parseCores,
	pinnedCommand,
	pinnedGatewayFlags,
	pinningText,
	planPinning,
	splitCores,
	usePinning,
} from './pinning.ts';

afterEach(() => usePinning({ off: 'the test ended' }));

const plan = planPinning(true);
const SHOW_CORES = `process.stdout.write(/Cpus_allowed_list:\\s+(\\S+)/.exec(require('fs').readFileSync('/proc/self/status'))[1])`;

describe('parseCores', () => {
	it('returns each core of single ones and ranges', () => {
		expect([parseCores('0-1'), parseCores('3'), parseCores('0,2-4,7')]).toEqual([[0, 1], [3], [0, 2, 3, 4, 7]]);
	});
});

describe('splitCores', () => {
	it('gives servers the first half, and the load the others', () => {
		expect(splitCores([0, 1])).toEqual({ server: '0', load: '1' });
		expect(splitCores([2, 3, 8])).toEqual({ server: '2', load: '3,8' });
	});
});

describe('planPinning', () => {
	it('pins nothing with --no-pin, and says so', () => {
		expect(planPinning(false)).toEqual({ off: '--no-pin' });
		expect(pinningText(planPinning(false))).toBe('not pinned: --no-pin');
	});
});

describe('usePinning', () => {
	it('changes no command before it was called with cores', () => {
		expect(pinnedCommand('load', 'cc', ['-v'])).toEqual(['cc', ['-v']]);
		expect(pinnedGatewayFlags()).toEqual([]);
	});

	it.skipIf('off' in plan)('starts programs on the cores of their side', async () => {
		usePinning(plan);
		for (const side of ['server', 'load'] as const) {
			const child = start(side, process.execPath, ['-e', SHOW_CORES], { stdio: ['ignore', 'pipe', 'inherit'] });
			let text = '';
			child.stdout?.setEncoding('utf8').on('data', (part: string) => {
				text += part;
			});
			await once(child, 'close');
			expect(parseCores(text).join()).toBe('off' in plan ? '' : plan[side]);
		}
	});

	it.skipIf('off' in plan)('moves gateways by a flag of Node.js', () => {
		usePinning(plan);
		const args = [...pinnedGatewayFlags(), '-e', SHOW_CORES];
		const cores = parseCores(execFileSync(process.execPath, args, { encoding: 'utf8' }));
		expect(cores.join()).toBe('off' in plan ? '' : plan.server);
	});

	it.skipIf('off' in plan)('moves this process', () => {
		const before = ownCores();
		usePinning(plan);
		try {
			moveThisProcess('load');
			expect(ownCores().join()).toBe('off' in plan ? '' : plan.load);
		} finally {
			execFileSync('taskset', ['-a', '-c', '-p', before.join(), String(process.pid)], { stdio: 'ignore' });
		}
	});
});
