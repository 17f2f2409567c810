import { ConfigError, type Flags, parseConfig } from '../src/config/config.ts';

/** Returns the problems of settings; empty when they are valid. */
export function problemsOf(
	env: Record<string, string>,
	flags: Flags = {},
	known: readonly string[] = [],
): readonly string[] {
	try {
		parseConfig(env, flags, known);
		return [];
	} catch (error) {
		if (error instanceof ConfigError) return error.problems;
		throw error;
	}
}
