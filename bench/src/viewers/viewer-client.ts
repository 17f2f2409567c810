import { compile } from '../processes/compile.ts';

/** The program that runs the viewers. */
export type ViewerClient =
	| { readonly language: 'c'; readonly file: string }
	| { readonly language: 'node'; readonly because: string };

/** Returns the client in C; without a C compiler, the client in Node. */
export function findViewerClient(): ViewerClient {
	try {
		return { language: 'c', file: compile('viewers') };
	} catch (error) {
		return { language: 'node', because: error instanceof Error ? error.message : String(error) };
	}
}
