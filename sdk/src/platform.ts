import type { Connection, ConnectionOptions } from './connection-options.ts';
import type { TransportChoice, TransportName } from './transport.ts';

/** What a platform calls as its page or app comes and goes. */
export interface PlatformCallbacks {
	/**
	 * What failed before may work now, and what timers should have noticed may be late: the network is back, the page is
	 * shown again, or it left the back/forward cache.
	 */
	resume(): void;
	/** The page is hidden: on a phone it may never run again. */
	flush(): void;
	/** The page is left. It may be kept, and come back. */
	suspend(): void;
}

/** What a client needs of where it runs: a page of a browser, or an app of React Native. */
export interface Platform {
	/** Calls back as the page comes and goes, until the signal is aborted. */
	watch(callbacks: PlatformCallbacks, signal: AbortSignal): void;
	/** Opens the connection of a client, which slows down and rests while its page is hidden. */
	connect(options: ConnectionOptions): Connection;
	/** Returns the transport of a name. */
	chooseTransport(name: TransportName): TransportChoice;
}
