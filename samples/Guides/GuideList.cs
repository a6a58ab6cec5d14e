namespace Guides;

/// <summary>The guides by name.</summary>
internal static class GuideList
{
    public static Dictionary<string, (string What, Action<GuideRun> Run)> All { get; } =
        new()
        {
            ["functional"] = (
                "the Functional API: models, shared layers, several inputs and outputs",
                FunctionalGuide.Run
            ),
            ["layers"] = ("new layers and models by subclassing, and a variational autoencoder", LayersGuide.Run),
            ["train-step"] = ("your own step of Fit: losses, metrics, sample weights, evaluation", TrainStepGuide.Run),
            ["training-loop"] = (
                "a training loop from scratch, slow and fast, and a small GAN in it",
                TrainingLoopGuide.Run
            ),
            ["transfer-learning"] = ("a frozen trunk, a new head, fine-tuning", TransferLearningGuide.Run),
            ["classification"] = (
                "image classification from scratch with augmentation in the model",
                ClassificationGuide.Run
            ),
            ["grad-cam"] = ("where a network looks: class activation heat maps", GradCamGuide.Run),
            ["autoencoder"] = ("a convolutional autoencoder that removes noise", AutoencoderGuide.Run),
            ["siamese"] = ("a siamese network with contrastive loss that compares images", SiameseGuide.Run),
            ["gan"] = ("a generative adversarial network with its own train step", GanGuide.Run),
            ["wgan-gp"] = ("a Wasserstein GAN with gradient penalty", WganGpGuide.Run),
        };
}
