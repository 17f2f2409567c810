import { describe, expect, it } from 'vitest';
import { isAncestor } from './ancestors.ts';

const OWN = 'https://live.example';
const isAllowed = (origin: string, ...sources: string[]) => isAncestor(origin, sources, OWN);

describe('isAncestor', () => {
	it.each([
		[OWN, "'self'"],
		['https://a.example', 'https://a.example'],
		['https://a.example:8443', 'https://a.example:8443'],
		['https://www.a.example', 'https://*.a.example'],
		['https://b.www.a.example:81', 'https://*.a.example:81'],
		['http://localhost', 'http://localhost:*'],
		['http://localhost:5173', 'http://localhost:*'],
		['capacitor://localhost', 'capacitor://localhost'],
		['https://any.example', '*'],
	])('allows %s by %s', (origin, source) => expect(isAllowed(origin, "'none'", source)).toBe(true));

	it.each([
		['https://a.example', "'self'"],
		['https://a.example.evil', 'https://a.example'],
		['https://evila.example', 'https://*.a.example'],
		['https://a.example', 'https://*.a.example'],
		['http://a.example', 'https://a.example'],
		['https://a.example:8443', 'https://a.example'],
		['https://www.a.example:81', 'https://*.a.example'],
		['http://localhost.evil', 'http://localhost:*'],
		['null', '*'],
		['null', 'null'],
		['', ''],
	])('refuses %j by %j', (origin, source) => expect(isAllowed(origin, source)).toBe(false));
});
