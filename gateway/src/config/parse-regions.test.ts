import { describe, expect, it } from 'vitest';
import { parseRegions, type Region } from './parse-regions.ts';

function parse(text: string): { regions: readonly Region[]; issues: string[] } {
	const issues: string[] = [];
	const regions = parseRegions(text, { addIssue: (issue) => issues.push(String(issue)) });
	return { regions, issues };
}

describe('parseRegions', () => {
	it('returns each region with the addresses of its dispatchers', () => {
		expect(parse('us=10.1.0.1:8081+d-2.us.example:8082, ap=[fd00::1]:8081')).toEqual({
			regions: [
				{ region: 'us', urls: ['http://10.1.0.1:8081', 'http://d-2.us.example:8082'] },
				{ region: 'ap', urls: ['http://[fd00::1]:8081'] },
			],
			issues: [],
		});
	});

	it('accepts an empty list', () => expect(parse('')).toEqual({ regions: [], issues: [] }));

	it.each([
		'us',
		'us=',
		'=10.0.0.1:1',
		'us=10.0.0.1',
		'us=10.0.0.1:',
		'us=10.0.0.1:x',
		'us=10.0.0.1:65536',
		'us=http://10.0.0.1:1',
		'us=10.0.0.1:1/path',
		'us=user:hush@10.0.0.1:1',
		'us=10.0.0.1:1+',
		'us=+10.0.0.1:1',
		'u s=10.0.0.1:1',
		`${'u'.repeat(129)}=10.0.0.1:1`,
		'us=10.0.0.1:1,',
		',',
		'us=10.0.0.1:1;ap=10.0.0.2:1',
	])('refuses %j', (text) => {
		expect(parse(text).issues).toContainEqual(expect.stringContaining('a region looks like'));
	});

	it('refuses a region that occurs twice', () => {
		expect(parse('us=a:1,us=b:1').issues).toEqual(["names the region 'us' twice"]);
	});
});
