import type { SearchResult } from '../../api/registry.js';
import { ellipsis } from './ellipsis.js';

/** The fields of docker's `search --format`. */
export interface SearchRow {
  readonly Name: string;
  readonly Description: string;
  readonly StarCount: string;
  readonly IsOfficial: string;
}

export const searchTable = 'table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}';

export const searchHeaders: Readonly<Record<string, string>> = { StarCount: 'STARS', IsOfficial: 'OFFICIAL' };

export function searchRow(
  result: SearchResult,
  { noTruncation }: { readonly noTruncation: boolean },
): SearchRow {
  const description = result.description.replace(/[\r\n]+/g, ' ');
  return {
    Name: result.name,
    Description: noTruncation ? description : ellipsis(description, 45),
    StarCount: String(result.star_count),
    IsOfficial: result.is_official ? '[OK]' : '',
  };
}
