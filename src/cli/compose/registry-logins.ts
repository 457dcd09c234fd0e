/** What registries are to know of the user. */
export interface RegistryLogins {
  /** The header X-Registry-Auth for an image of this name. */
  authorize(name: string): Promise<string>;
  /** The header X-Registry-Config: every login there is. */
  all(): Promise<string>;
}
