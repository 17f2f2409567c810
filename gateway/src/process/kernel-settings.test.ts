import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { testDirectory } from '../../test/temporary-directory.ts';
import { warnOfKernel } from './kernel-settings.ts';

function warnings(file: string): unknown[] {
	const log: unknown[] = [];
	warnOfKernel(pino({}, { write: (line: string) => log.push(JSON.parse(line)) }), file);
	return log;
}

describe('warnOfKernel', () => {
	it('names the setting and the command when the kernel waits for minutes', () => {
		const file = join(testDirectory(), 'tcp_retries2');
		writeFileSync(file, '15\n');
		expect(warnings(file)).toMatchObject([
			{ level: 40, tcpRetries2: 15, command: 'sysctl -w net.ipv4.tcp_retries2=6' },
		]);
	});

	it('logs nothing when the setting is low or missing', () => {
		const file = join(testDirectory(), 'tcp_retries2');
		expect(warnings(file)).toEqual([]);
		writeFileSync(file, '6\n');
		expect(warnings(file)).toEqual([]);
	});
});
