// Renders the document that the mock serves beside this page. No validator: it would be asked over the network.
SwaggerUIBundle({
  url: "./openapi.json",
  dom_id: "#page",
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  validatorUrl: null,
});
