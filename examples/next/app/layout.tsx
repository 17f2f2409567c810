import type { ReactNode } from 'react';
import { Live } from './live';

export const metadata = { title: 'Likewire with Next.js' };

export default function Layout({ children }: { children: ReactNode }) {
	return (
		<html lang="en">
			<body>
				<Live>{children}</Live>
			</body>
		</html>
	);
}
