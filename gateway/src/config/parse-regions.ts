import { isId } from '@likewire/protocol';
import type { z } from 'zod';

/** An entry of the list of other regions. */
export interface Region {
	readonly region: string;
	/** The addresses of the internal listeners of its dispatchers, tried in turn. */
	readonly urls: readonly string[];
}

/** Parses regions, `region=host:port+host:port` with commas between; adds issues for mistakes. */
export function parseRegions(text: string, context: Pick<z.RefinementCtx, 'addIssue'>): readonly Region[] {
	const regions: Region[] = [];
	for (const part of text === '' ? [] : text.split(',').map((entry) => entry.trim())) {
		const [, region = '', addresses = ''] = /^([^=]+)=(.+)$/.exec(part) ?? [];
		const hosts = addresses.split('+');
		const urls = hosts.map((host) => `http://${host}`);
		if (!isId(region) || !hosts.every(isAddress)) {
			context.addIssue(`has '${part}': a region looks like eu=10.1.0.1:8081+10.1.0.2:8081`);
		} else if (regions.some((other) => other.region === region)) context.addIssue(`names the region '${region}' twice`);
		else regions.push({ region, urls });
	}
	return regions;
}

function isAddress(text: string): boolean {
	return /^[^@/?#]+:\d+$/.test(text) && URL.canParse(`http://${text}`);
}
