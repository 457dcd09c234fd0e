/** The body of every answer with a status of 400 and more. */
export interface ErrorResponse {
  readonly message: string;
}
