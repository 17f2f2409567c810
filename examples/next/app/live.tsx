'use client';

import { LikewireProvider } from '@likewire/sdk/react';
import type { ReactNode } from 'react';

/** All pages share one client, which stays live when the user navigates. */
export function Live({ children }: { children: ReactNode }) {
	return <LikewireProvider url="http://127.0.0.1:8080">{children}</LikewireProvider>;
}
