/// Renders the document that the mock serves next to this page. The validator is off, since it needs the network.
SwaggerUIBundle({
  url: "./openapi.json",
  dom_id: "#page",
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  validatorUrl: null,
});
