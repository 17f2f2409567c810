import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { acceptsGzip } from '../accept-encoding.ts';
import type { Answer, Headers } from '../answer.ts';
import type { Request } from '../request.ts';
import { parseRange } from './range.ts';

const TYPES: Headers = {
	'.css': 'text/css; charset=utf-8',
	'.html': 'text/html; charset=utf-8',
	'.ico': 'image/x-icon',
	'.jpg': 'image/jpeg',
	'.js': 'text/javascript; charset=utf-8',
	'.json': 'application/json',
	'.png': 'image/png',
	'.svg': 'image/svg+xml',
	'.webm': 'video/webm',
	'.webp': 'image/webp',
};

/** Pages may load only from their own origin. */
const PAGE_POLICY =
	"default-src 'self'; img-src 'self' data:; media-src 'self' blob:; base-uri 'none'; form-action 'none'";

/** The bytes of a file in one coding, with their headers. */
interface Representation {
	readonly bytes: Uint8Array;
	readonly etag: string;
	readonly headers: Headers;
}

interface StaticFile {
	readonly plain: Representation;
	/** Undefined where compression saves little. */
	readonly gzipped: Representation | undefined;
}

/** Answers GET and HEAD for a file; undefined when no file has the path. */
export type StaticFiles = (request: Request) => Answer | undefined;

/**
 * Serves a directory from memory, after one read: for a page and its assets, not for a library of
 * videos. `/` is `index.html`. Caches may keep files named by their content (`name-hash.ext`) for
 * ever, and revalidate the others each time. A client may request a part of a file, as browsers do
 * with videos.
 */
export function loadStaticFiles(directory: string): StaticFiles {
	const files = new Map<string, () => StaticFile>();
	for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
		const file = join(directory, entry);
		if (!statSync(file).isFile()) continue;
		const bytes = readFileSync(file);
		let prepared: StaticFile | undefined;
		// Most nodes of a cluster serve few of the files, and a start should not wait for their compression.
		files.set(`/${relative(directory, file).split(sep).join('/')}`, () => (prepared ??= prepare(file, bytes)));
	}
	return (request) => {
		if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
		const file = files.get(request.path === '/' ? '/index.html' : request.path);
		return file === undefined ? undefined : answerWith(file(), request);
	};
}

function prepare(file: string, bytes: Uint8Array): StaticFile {
	const type = TYPES[extname(file)] ?? 'application/octet-stream';
	const isText = /^text|json|svg/.test(type);
	const named = /-[\w-]{8,}\.\w+$/.test(file);
	const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
	const headers = {
		'Content-Type': type,
		'Cache-Control': named ? 'public, max-age=31536000, immutable' : 'no-cache',
		'X-Content-Type-Options': 'nosniff',
		...(isText ? { Vary: 'Accept-Encoding' } : { 'Accept-Ranges': 'bytes' }),
		...(type.startsWith('text/html') && { 'Content-Security-Policy': PAGE_POLICY }),
	};
	return {
		plain: representation(bytes, hash, headers),
		gzipped:
			isText && bytes.length > 1024
				? representation(gzipSync(bytes), `${hash}.gzip`, { ...headers, 'Content-Encoding': 'gzip' })
				: undefined,
	};
}

/**
 * Its ETag is of this coding alone: caches and conditional requests distinguish two codings of a file
 * by it.
 */
function representation(bytes: Uint8Array, tag: string, headers: Headers): Representation {
	const etag = `"${tag}"`;
	return { bytes, etag, headers: { ...headers, ETag: etag } };
}

function answerWith({ plain, gzipped }: StaticFile, request: Request): Answer {
	const { 'if-none-match': known, 'accept-encoding': encodings, range } = request.headers;
	const { bytes, etag, headers } = gzipped !== undefined && acceptsGzip(encodings) ? gzipped : plain;
	if (known === '*' || known.includes(etag)) return { status: 304, headers, body: '' };
	const part = headers['Accept-Ranges'] === undefined ? undefined : parseRange(range, bytes.length);
	if (part === 'unsatisfiable') {
		return { status: 416, headers: { ...headers, 'Content-Range': `bytes */${bytes.length}` }, body: '' };
	}
	if (part !== undefined) {
		const contentRange = `bytes ${part.first}-${part.last}/${bytes.length}`;
		const body = bytes.subarray(part.first, part.last + 1);
		return { status: 206, headers: { ...headers, 'Content-Range': contentRange }, body };
	}
	return { status: 200, headers, body: bytes };
}
