import { pino } from 'pino';

/** For parts of the gateway that want a logger: what goes wrong with them shows in the figures. */
export const quiet = pino({ level: 'silent' });
