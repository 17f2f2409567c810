import { existsSync } from 'node:fs';

/** A Chromium of this machine, if there is one; otherwise Playwright takes its own. `npm test` finds or installs one. */
const executablePath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium'].find((file) => file && existsSync(file));

/** How tests launch Chromium. */
export const LAUNCH_OPTIONS = {
	...(executablePath && { executablePath }),
	// Root, which CI is, gets no sandbox; and a browser that phones home would be seen as the page doing so.
	args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
};
