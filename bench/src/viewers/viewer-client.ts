import { compile } from '../processes/compile.ts';

/** The program that runs the viewers. */
export type ViewerClient = (
	| { readonly language: 'c'; readonly file: string }
	| { readonly language: 'node'; readonly because: string }
) & {
	/** Whether its viewers accept gzip; in C that requires zlib. */
	readonly gzip?: boolean;
};

/** Returns the client in C; without a C compiler, the client in Node. */
export function findViewerClient(): ViewerClient {
	try {
		return { language: 'c', file: compile('viewers', ['-DWITH_ZLIB', '-lz']) };
	} catch (error) {
		return { language: 'node', because: error instanceof Error ? error.message : String(error) };
	}
}
