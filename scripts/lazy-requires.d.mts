import type { Plugin } from 'esbuild';

export const lazyRequires: Plugin;
export function deferRequires(source: string): string;
