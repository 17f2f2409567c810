import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../test/config-problems.ts';
import { parseConfig } from '../config/config.ts';
import { frameAncestorsOf } from './frame-ancestors.ts';

const SECRET = { LIKEWIRE_JWT_SECRET: 'x'.repeat(32) };

const ancestors = (env: Record<string, string>) => frameAncestorsOf(parseConfig(env)).join(' ');

describe('The pages that may frame the embed', () => {
	it('are those of the gateway and of the list, or all', () => {
		expect(ancestors(SECRET)).toBe("'self'");
		const list = 'https://a.example, https://*.b.example:8443,capacitor://localhost';
		expect(ancestors({ ...SECRET, LIKEWIRE_FRAME_ANCESTORS: list })).toBe(
			"'self' https://a.example https://*.b.example:8443 capacitor://localhost",
		);
		expect(ancestors({ ...SECRET, LIKEWIRE_FRAME_ANCESTORS: '*' })).toBe('*');
	});

	it('are also those of this machine in development mode, and never all', () => {
		expect(ancestors({ LIKEWIRE_FRAME_ANCESTORS: 'https://a.example' })).toMatch(
			/^'self' https:\/\/a\.example .*http:\/\/localhost:\*.*http:\/\/127\.0\.0\.1:\*/,
		);
		expect(problemsOf({ LIKEWIRE_FRAME_ANCESTORS: '*' })).toEqual([
			expect.stringMatching(/^LIKEWIRE_FRAME_ANCESTORS .*any page.*LIKEWIRE_JWT_SECRET/),
		]);
	});

	it.each([
		'a.example',
		'https://a.example/',
		"'none'",
		'null',
		'https://a.example,*',
		'https://*',
		'https://a;script-src',
		'app://a;img-src',
		'http://[::1]:8080',
	])('cannot be %s', (text) => {
		expect(problemsOf({ ...SECRET, LIKEWIRE_FRAME_ANCESTORS: text })).toEqual([
			expect.stringContaining('LIKEWIRE_FRAME_ANCESTORS'),
		]);
	});
});
