import { GatewayProcess } from './gateway-process.ts';

/** Runs a command of `likewire store`, and resolves with its exit code and output. */
export async function storeCommand(args: readonly string[], env: Record<string, string> = {}) {
	const command = new GatewayProcess({ args: ['store', ...args], env });
	const { code, signal } = await command.ended();
	return { code, signal, stdout: command.stdout, stderr: command.stderr };
}

/** Returns the flags of a command for the store in a directory. */
export const inDirectory = (dataDir: string) => ['--data-dir', dataDir];
